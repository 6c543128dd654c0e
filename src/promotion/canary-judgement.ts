import type { PanelOutcome } from '../embedding/embedding-observer.ts';
import { describeKind, type ModelBehaviour } from './model-behaviour.ts';

/** Fewer may have a cause outside of the model, such as an engine that was killed. */
const MIN_ERRORS = 3;
const MAX_ERROR_SHARE = 0.05;
const MAX_ERROR_RATIO = 2;

const MIN_PANELS = 20;
/** The panels of one page share their luck. */
const MIN_REQUESTS = 5;
const MAX_LATENCY_RATIO = 2;
/** Twice of next to nothing is next to nothing. */
const MIN_LATENCY_DIFFERENCE_SECONDS = 0.02;

/** Why a canary ends by itself. */
export type CanaryEnd = 'not_finite' | 'errors' | 'latency';

export interface CanaryVerdict {
  readonly end: CanaryEnd;
  /** With its figures, in words */
  readonly reason: string;
}

/**
 * Whether a canary must end, after one more panel on either side; undefined if it may go on.
 * @param panel the latest, which may be of the active model
 */
export function judgeCanary(
  panel: PanelOutcome,
  canary: ModelBehaviour,
  active: ModelBehaviour,
): CanaryVerdict | undefined {
  return judgeErrors(canary, active) ?? judgeLatency(panel, canary, active);
}

function judgeErrors({ failures }: ModelBehaviour, active: ModelBehaviour): CanaryVerdict | undefined {
  const [share, activeShare] = [failures.sum / failures.count, active.failures.sum / (active.failures.count || 1)];
  if (failures.sum < MIN_ERRORS || share <= MAX_ERROR_SHARE || share <= MAX_ERROR_RATIO * activeShare) return undefined;
  const reason =
    `${failures.sum} of its latest ${failures.count} panels failed, ` +
    `of the active model's ${active.failures.sum} of ${active.failures.count}`;
  return { end: 'errors', reason };
}

function judgeLatency(panel: PanelOutcome, canary: ModelBehaviour, active: ModelBehaviour): CanaryVerdict | undefined {
  const sides = [canary.latenciesOf(panel), active.latenciesOf(panel)] as const;
  if (sides.some(({ seconds, requests }) => seconds.count < MIN_PANELS || requests < MIN_REQUESTS)) return undefined;
  const [{ seconds }, { seconds: activeSeconds }] = sides;
  const [median, activeMedian] = [seconds.median, activeSeconds.median];
  const isSlow = median > MAX_LATENCY_RATIO * activeMedian && median - activeMedian >= MIN_LATENCY_DIFFERENCE_SECONDS;
  if (!isSlow) return undefined;
  const reason =
    `it is slow: median ${toMs(median)} ms of ${seconds.count} ${describeKind(panel)}, ` +
    `the active model ${toMs(activeMedian)} ms of ${activeSeconds.count}`;
  return { end: 'latency', reason };
}

function toMs(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
