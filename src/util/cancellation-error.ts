import { PanelvecError } from '../errors.ts';

/** The error of work that nobody waits for any more: the reason of its signal, where that is one (a deadline), else a cancellation. */
export function cancellationError({ reason }: Pick<AbortSignal, 'reason'>): PanelvecError {
  return reason instanceof PanelvecError ? reason : new PanelvecError('request_cancelled', 'the request was given up');
}
