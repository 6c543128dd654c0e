import { type Inputs, useCallback, useEffect, useState } from 'preact/hooks';
import { useAccess } from './use-access.ts';

export interface RequestState<T> {
  /** What came last; it stays while the next is loading */
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Loads something whenever the inputs or the key change; what is not wanted any more is aborted. */
export function useRequest<T>(load: (signal: AbortSignal) => Promise<T>, inputs: Inputs): RequestState<T> {
  const [state, setState] = useState<Omit<RequestState<T>, 'reload'>>({
    data: undefined,
    error: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const { key } = useAccess();
  useEffect(() => {
    const controller = new AbortController();
    setState(({ data }) => ({ data, error: undefined, isLoading: true }));
    load(controller.signal).then(
      (data) => controller.signal.aborted || setState({ data, error: undefined, isLoading: false }),
      (error: unknown) => controller.signal.aborted || setState({ data: undefined, error, isLoading: false }),
    );
    return () => controller.abort();
  }, [...inputs, round, key]);
  return { ...state, reload: useCallback(() => setRound((n) => n + 1), []) };
}
