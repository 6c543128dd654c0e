import { HubError, TransientError } from './hub-error.ts';
import type { PullPolicy } from './pull-policy.ts';
import { StallTimeout } from './stall-timeout.ts';

/**
 * Tries until it works, waiting twice as long each time, or as long as the server asks. A try that got farther than
 * any before starts the count anew: a large file over a bad line may break off as often as it likes.
 * @param getProgress how far it got, in any unit that grows
 * @throws HubError when the tries are used up; whatever is no TransientError at once
 */
export async function retry<T>(
  label: string,
  policy: PullPolicy,
  signal: AbortSignal,
  attempt: (stallTimeout: StallTimeout) => Promise<T>,
  getProgress: () => number = () => 0,
): Promise<T> {
  let maxProgress = getProgress();
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      using stallTimeout = new StallTimeout(policy.stallTimeoutMs, signal);
      return await attempt(stallTimeout);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (getProgress() > maxProgress) {
        maxProgress = getProgress();
        failures = 1;
      }
      await policy.wait(retryDelay(error, failures, label, policy), signal);
    }
  }
}

/** Milliseconds to wait. @throws HubError where waiting makes no sense any more */
function retryDelay(error: TransientError, failures: number, label: string, policy: PullPolicy): number {
  const { message, retryAfterMs } = error;
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  const fields = { cause: error, retryAfterSeconds };
  if (failures >= policy.maxTries) throw new HubError(`${label}: gave up after ${failures} tries: ${message}`, fields);
  if (retryAfterMs !== undefined && retryAfterMs > policy.maxDelayMs) {
    throw new HubError(`${label}: ${message}, and to come back in ${retryAfterSeconds} s`, fields);
  }
  const backoffMs = Math.min(policy.retryDelayMs * 2 ** (failures - 1), policy.maxDelayMs);
  return Math.max(backoffMs, retryAfterMs ?? 0);
}
