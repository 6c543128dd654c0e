export type Fetch = (request: Request) => Promise<Response>;
/**
 * Makes a `fetch` that comes back to a busy service when that says, and makes lost connections again, until `timeoutMs` after the
 * call. A refusal that asks for a longer wait is the response. Other responses are not looked at.
 */
export declare function makeRetryingFetch(fetch: Fetch, timeoutMs: number): Fetch;
/** The milliseconds after which the service has room: exact ones, or those of Retry-After, which may be a date. */
export declare function readRetryAfter(headers: Headers): number | null;
/** Waits for some milliseconds. @throws the reason of the signal when it is aborted */
export declare function wait(ms: number, signal?: AbortSignal): Promise<void>;
