/** How much a key may use; null for as much as it likes. */
export interface KeyLimits {
  readonly requestsPerMinute: number | null;
  /** Requests at the same time, in each service */
  readonly maxConcurrent: number | null;
  /** Panels and texts that are embedded in a day of UTC */
  readonly panelsPerDay: number | null;
}

export const NO_LIMITS: KeyLimits = { requestsPerMinute: null, maxConcurrent: null, panelsPerDay: null };

/** What a request was refused for. */
export type LimitReason = 'requests' | 'concurrent' | 'panels';

/** What the metrics record of limits. */
export interface LimitObserver {
  recordLimited(reason: LimitReason): void;
}
