import { useEffect, useState } from 'preact/hooks';
import { getBlob } from '../api/client.ts';

interface ObjectUrl {
  readonly url: string | undefined;
  readonly error: unknown;
}

/** Fetches a file of the service with the key, and makes an address of it that lasts until the component or the path goes. */
export function useObjectUrl(path: string, isWanted: boolean): ObjectUrl {
  const [state, setState] = useState<ObjectUrl>({ url: undefined, error: undefined });
  useEffect(() => {
    if (!isWanted) return;
    const controller = new AbortController();
    const { signal } = controller;
    let url: string | undefined;
    getBlob(path, { signal }).then(
      (blob) => {
        if (signal.aborted) return;
        url = URL.createObjectURL(blob);
        setState({ url, error: undefined });
      },
      (error: unknown) => signal.aborted || setState({ url: undefined, error }),
    );
    return () => {
      controller.abort();
      if (url !== undefined) URL.revokeObjectURL(url);
      setState({ url: undefined, error: undefined });
    };
  }, [path, isWanted]);
  return state;
}
