import { HubError, TransientError } from './hub-error.ts';
import { StallWatch } from './stall.ts';
import type { PullTuning } from './tuning.ts';

/**
 * Tries until it works, waiting twice as long each time, or as long as the server asks. A try that got farther than
 * any before starts the count anew: a large file over a bad line may break off as often as it likes.
 * @param reached how far it got, in any unit that grows
 * @throws HubError when the tries are used up; whatever is no TransientError at once
 */
export async function retried<T>(
  what: string,
  tuning: PullTuning,
  signal: AbortSignal,
  attempt: (watch: StallWatch) => Promise<T>,
  reached: () => number = () => 0,
): Promise<T> {
  let farthest = reached();
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      using watch = new StallWatch(tuning.stallTimeoutMs, signal);
      return await attempt(watch);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (reached() > farthest) {
        farthest = reached();
        failures = 1;
      }
      await tuning.wait(delayAfter(error, failures, what, tuning), signal);
    }
  }
}

/** Milliseconds to wait. @throws HubError where waiting makes no sense any more */
function delayAfter(error: TransientError, failures: number, what: string, tuning: PullTuning): number {
  const { message, retryAfterMs } = error;
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  const fields = { cause: error, retryAfterSeconds };
  if (failures >= tuning.tries) throw new HubError(`${what}: gave up after ${failures} tries: ${message}`, fields);
  if (retryAfterMs !== undefined && retryAfterMs > tuning.longestDelayMs) {
    throw new HubError(`${what}: ${message}, and to come back in ${retryAfterSeconds} s`, fields);
  }
  const backoffMs = Math.min(tuning.retryDelayMs * 2 ** (failures - 1), tuning.longestDelayMs);
  return Math.max(backoffMs, retryAfterMs ?? 0);
}
