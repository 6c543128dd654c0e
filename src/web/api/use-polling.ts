import { type Inputs, useEffect, useState } from 'preact/hooks';

interface PollState<T> {
  /** What came last; it stays while the service does not answer */
  readonly data: T | undefined;
  readonly error: unknown;
}

/** Loads something again and again while the page is visible; an answer is awaited before the next request. */
export function usePolling<T>(
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
  inputs: Inputs,
): PollState<T> {
  const [state, setState] = useState<PollState<T>>({ data: undefined, error: undefined });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLoading = false;
    const poll = async () => {
      clearTimeout(timer);
      if (document.hidden || isLoading) return;
      isLoading = true;
      const update = await load(signal).then(
        (data) => ({ data, error: undefined }),
        (error: unknown) => ({ error }),
      );
      isLoading = false;
      if (signal.aborted) return;
      setState((last) => ({ ...last, ...update }));
      timer = setTimeout(poll, intervalMs);
    };
    document.addEventListener('visibilitychange', poll, { signal });
    void poll();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [intervalMs, ...inputs]);
  return state;
}
