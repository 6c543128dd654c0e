import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { getBlob } from '../api/client.ts';
import { useAccess } from '../api/use-access.ts';
import { ErrorMessage } from './error-message.tsx';

interface FileLinkProps {
  readonly path: string;
  /** What the file is called where it is saved */
  readonly name: string;
  readonly children: ComponentChildren;
}

/** A link to a file of the service, in a tab of its own. A link sends no key: where one is in use, the file is saved instead. */
export function FileLink({ path, name, children }: FileLinkProps) {
  const { key } = useAccess();
  if (key !== undefined) return <SaveButton path={path} name={name} />;
  return (
    <a href={path} target="_blank" rel="noopener">
      {children}
    </a>
  );
}

function SaveButton({ path, name }: Omit<FileLinkProps, 'children'>) {
  const [isLoading, setLoading] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async () => {
    setLoading(true);
    setError(undefined);
    try {
      saveBlob(await getBlob(path), name);
    } catch (cause) {
      setError(cause);
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      <button type="button" class="plain-link" aria-busy={isLoading} disabled={isLoading} onClick={save}>
        Save {name}
      </button>
      {error !== undefined && <ErrorMessage error={error} />}
    </>
  );
}

function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read the file once the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
