import { errorTypeOf, recordPast, spanContextOf, type TraceContext } from '../tracing/tracing.ts';
import type { BatchResult } from './engine-messages.ts';
import type { EngineSettings } from './engine-types.ts';
import type { QueueEntry } from './inference-queue.ts';

/** What the work below one span has in a batch. */
interface BatchShare {
  readonly trace: TraceContext;
  readonly panels: number;
  readonly queuedAt: number;
}

/**
 * Records how long panels of traced requests waited, and the batch that they were in. A batch serves many requests: what queued panels
 * in each has spans of its own, with links to what else did.
 */
export function recordBatchSpans(
  batch: readonly QueueEntry[],
  { seconds, halvings, partSeconds = {} }: Pick<BatchResult, 'seconds' | 'halvings' | 'partSeconds'>,
  { model, device, index }: EngineSettings,
): void {
  const endTime = performance.now();
  const beganAt = endTime - seconds * 1000;
  const attributes = {
    'panelvec.model': model.id,
    'panelvec.engine.device': device,
    'panelvec.engine.index': index,
    'panelvec.batch.panels': batch.length,
    ...(halvings > 0 && { 'panelvec.batch.halvings': halvings }),
    ...Object.fromEntries(
      Object.entries(partSeconds).map(([part, value]) => [`panelvec.engine.${part}_seconds`, value]),
    ),
  };
  recordShares(batch, beganAt, endTime, attributes);
}

/** Records that panels were in a batch that failed, or whose engine ended. They may be tried again. */
export function recordLostSpans(batch: readonly QueueEntry[], error: unknown, model: string): void {
  const now = performance.now();
  recordShares(batch, now, now, { 'panelvec.model': model, 'panelvec.batch.panels': batch.length }, errorTypeOf(error));
}

function recordShares(
  batch: readonly QueueEntry[],
  beganAt: number,
  endTime: number,
  attributes: Readonly<Record<string, string | number>>,
  errorType?: string,
): void {
  const shares = findShares(batch);
  const contexts = shares.map(({ trace }) => spanContextOf(trace));
  for (const [i, { trace, panels, queuedAt }] of shares.entries()) {
    const share = { 'panelvec.panels': panels };
    recordPast(trace, { name: 'queue', startTime: queuedAt, endTime: Math.max(queuedAt, beganAt), attributes: share });
    const links = contexts.flatMap((context, other) => (context === undefined || other === i ? [] : [context]));
    const startTime = Math.max(queuedAt, beganAt);
    recordPast(trace, {
      name: 'engine batch',
      startTime,
      endTime,
      attributes: { ...attributes, ...share },
      links,
      errorType,
    });
  }
}

/** The parts that are traced, one for each span below which panels were queued. */
function findShares(batch: readonly QueueEntry[]): BatchShare[] {
  const shares = new Map<string, BatchShare>();
  for (const { trace, queuedAt } of batch) {
    const id = trace && spanContextOf(trace)?.spanId;
    if (trace === undefined || id === undefined) continue;
    const share = shares.get(id) ?? { trace, panels: 0, queuedAt };
    shares.set(id, { trace, panels: share.panels + 1, queuedAt: Math.min(share.queuedAt, queuedAt) });
  }
  return [...shares.values()];
}
