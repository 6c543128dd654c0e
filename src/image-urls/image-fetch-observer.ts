import { PanelvecError } from '../errors.ts';

/**
 * How a fetch ended. `refused`: not allowed; `failed`: by the host or the network; `busy`: too many wait, or the bodies of all requests
 * have no room; `cancelled`: the client left, its deadline passed, or another image of the request was not fetched.
 */
export type FetchOutcome = 'fetched' | 'refused' | 'failed' | 'too_large' | 'busy' | 'cancelled';

/** Is told of each image that a request gave by its URL. */
export interface ImageFetchObserver {
  recordImageFetch(outcome: FetchOutcome, seconds: number): void;
}

/** The outcome of a fetch that ended with an error. */
export function outcomeOf(error: unknown): FetchOutcome {
  switch (error instanceof PanelvecError ? error.code : undefined) {
    case 'image_url_refused':
      return 'refused';
    case 'image_too_large':
      return 'too_large';
    case 'queue_full':
      return 'busy';
    case 'request_cancelled':
    case 'deadline_exceeded':
      return 'cancelled';
    default:
      return 'failed';
  }
}
