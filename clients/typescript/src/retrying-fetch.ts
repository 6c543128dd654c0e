export type Fetch = (request: Request) => Promise<Response>;

const MAX_LOST_CONNECTIONS = 2;
const LOST_CONNECTION_PAUSE_MS = 200;
const BUSY_STATUSES: readonly number[] = [429, 503];
/** The calls that take a deadline, and the longest one */
const COMPUTES = /\/v1\/(embeddings|search|zero-shot)(\/|\?|$)/;
const MAX_DEADLINE_MS = 600_000;

/**
 * Makes a `fetch` that comes back to a busy service when that says, and makes lost connections again, until `timeoutMs` after the
 * call. A refusal that asks for a longer wait is the response. Other responses are not looked at.
 */
export function makeRetryingFetch(fetch: Fetch, timeoutMs: number): Fetch {
  return async (request) => {
    const deadline = performance.now() + timeoutMs;
    let lostConnections = 0;
    for (;;) {
      const msLeft = deadline - performance.now();
      let pause: number;
      try {
        const response = await fetch(nextTry(request, msLeft));
        const retryAfterMs = BUSY_STATUSES.includes(response.status) ? readRetryAfter(response.headers) : null;
        if (retryAfterMs === null || retryAfterMs >= deadline - performance.now()) return response;
        // A body that nobody reads would keep the connection from being used again.
        await response.arrayBuffer();
        pause = retryAfterMs;
      } catch (error) {
        lostConnections++;
        pause = LOST_CONNECTION_PAUSE_MS * lostConnections;
        const isFinal = lostConnections > MAX_LOST_CONNECTIONS || pause >= deadline - performance.now();
        // `fetch` rejects with a TypeError when it has no connection, and with other errors when it is aborted.
        if (!(error instanceof TypeError) || isFinal) throw error;
      }
      await wait(pause, request.signal);
    }
  };
}

/** The milliseconds after which the service has room: exact ones, or those of Retry-After, which may be a date. */
export function readRetryAfter(headers: Headers): number | null {
  const exact = headers.get('x-retry-after-ms') ?? headers.get('retry-after-ms');
  if (exact !== null && /^\d+(\.\d+)?$/.test(exact)) return Number(exact);
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/.test(value)) return 1000 * Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

/** Waits for some milliseconds. @throws the reason of the signal when it is aborted */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function nextTry(request: Request, msLeft: number): Request {
  const timeout = Math.max(1, Math.floor(msLeft));
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]);
  const copy = new Request(request.clone(), { signal });
  if (request.method === 'POST' && COMPUTES.test(request.url)) {
    copy.headers.set('x-request-timeout-ms', String(Math.min(timeout, MAX_DEADLINE_MS)));
  }
  return copy;
}
