import { HubError, TransientError } from './hub-error.ts';
import type { PullPolicy } from './pull-context.ts';

/**
 * Repeats an attempt until it succeeds. Each wait is twice as long as the one before, or as long as the server asks for.
 * An attempt that got farther than all before resets the count: a large file may break off any number of times.
 * @param getProgress returns how far the attempts got, in any unit that grows
 * @throws HubError when the attempts are used up; at once for every error that is not a TransientError
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

/** Milliseconds to wait before the next attempt. @throws HubError where there must be none */
function retryDelay(error: TransientError, failures: number, label: string, policy: PullPolicy): number {
  const { message, retryAfterMs } = error;
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  const fields = { cause: error, retryAfterSeconds };
  if (failures >= policy.maxTries) throw new HubError(`${label}: gave up after ${failures} tries: ${message}`, fields);
  if (retryAfterMs !== undefined && retryAfterMs > policy.maxDelayMs) {
    throw new HubError(`${label}: ${message} and asks for a wait of ${retryAfterSeconds} s`, fields);
  }
  const backoffMs = Math.min(policy.retryDelayMs * 2 ** (failures - 1), policy.maxDelayMs);
  return Math.max(backoffMs, retryAfterMs ?? 0);
}

/** Aborts its signal when `restart` has not been called for too long. Its timer keeps the process alive until it is disposed. */
export class StallTimeout implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, outerSignal: AbortSignal) {
    this.signal = AbortSignal.any([outerSignal, this.#controller.signal]);
    this.#timeoutMs = timeoutMs;
    this.restart();
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TransientError(`nothing came for ${this.#timeoutMs / 1000} s`));
    }, this.#timeoutMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
