import { type Fetch } from './retrying-fetch.js';
import type { Job } from './types.js';
export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds without any event or connection after which to give up */
  readonly patienceMs?: number;
}
/** The job at each change until it has ended. Lost connections are made again. */
export declare function followJob(
  fetch: Fetch,
  url: string,
  headers: Headers,
  { signal, patienceMs }: FollowOptions,
): AsyncGenerator<Job, void, undefined>;
