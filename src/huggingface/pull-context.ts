import type { HubClient } from './hub-client.ts';
import type { PullPolicy } from './pull-policy.ts';

export interface PullProgress {
  /** Bytes of all files; called once */
  total(bytes: number): void;
  /** Bytes that came, or were there already; negative when a file starts anew */
  advance(bytes: number): void;
}

/** What every step of one pull works with. */
export interface PullContext {
  readonly folder: string;
  readonly client: HubClient;
  readonly progress: PullProgress;
  readonly signal: AbortSignal;
  readonly policy: PullPolicy;
}
