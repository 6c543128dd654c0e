import { setTimeout as delay } from 'node:timers/promises';
import type { HubClient } from './hub-client.ts';

/** Everything that the steps of one pull share. */
export interface PullContext {
  readonly folder: string;
  readonly client: HubClient;
  readonly progress: PullProgress;
  readonly signal: AbortSignal;
  readonly policy: PullPolicy;
}

export interface PullProgress {
  /** Reports the bytes of all files; called once. */
  setTotal(bytes: number): void;
  /** Reports bytes that came or were in the folder already; a negative number when a file starts again. */
  advance(bytes: number): void;
}

/** Limits of a pull. Tests bring their own. */
export interface PullPolicy {
  /** Attempts in a row without any progress, after which a file fails */
  readonly maxTries: number;
  /** Wait after the first failure; each further failure doubles it */
  readonly retryDelayMs: number;
  /** Longest wait. A file fails if its server asks for a longer one. */
  readonly maxDelayMs: number;
  /** Time without any bytes, after which a connection is closed */
  readonly stallTimeoutMs: number;
  /** Disk space that a pull must leave free */
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
