import type { RecentValues } from './recent-values.ts';

/** Fewer may have a cause outside of the model, such as an engine that was killed. */
const MIN_ERRORS = 3;
const MAX_ERROR_SHARE = 0.05;
const MAX_ERROR_RATIO = 2;

/** Why a canary ends by itself. */
export type CanaryEnd = 'not_finite' | 'errors' | 'latency';

export interface CanaryVerdict {
  readonly end: CanaryEnd;
  /** With its figures, in words */
  readonly reason: string;
}

/**
 * Whether a canary must end because its panels fail.
 * @param failures of the canary, 1 for a panel that failed and 0 for another; `active` those of the active model
 */
export function judgeFailures(failures: RecentValues, active: RecentValues): CanaryVerdict | undefined {
  const [share, activeShare] = [failures.sum / failures.count, active.sum / Math.max(1, active.count)];
  if (failures.sum < MIN_ERRORS || share <= MAX_ERROR_SHARE || share <= MAX_ERROR_RATIO * activeShare) return undefined;
  const reason =
    `${failures.sum} of its latest ${failures.count} panels failed, ` +
    `of the active model's ${active.sum} of ${active.count}`;
  return { end: 'errors', reason };
}
