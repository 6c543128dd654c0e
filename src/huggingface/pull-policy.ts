import { setTimeout as delay } from 'node:timers/promises';

/** How patient a pull is. Tests bring their own. */
export interface PullPolicy {
  /** Tries in a row that bring nothing new before a file is given up */
  readonly maxTries: number;
  /** Wait after the first failure; each further one doubles it */
  readonly retryDelayMs: number;
  /** A server that asks for a longer wait than this is not waited for. */
  readonly maxDelayMs: number;
  /** A connection that brings nothing for this long is broken off. */
  readonly stallTimeoutMs: number;
  /** Disk space that stays free */
  readonly reserveBytes: number;
  /** @throws the signal's reason, once it is aborted */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export const DEFAULT_PULL_POLICY: PullPolicy = {
  maxTries: 6,
  retryDelayMs: 1000,
  maxDelayMs: 300_000,
  stallTimeoutMs: 30_000,
  reserveBytes: 64 * 2 ** 20,
  wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};
