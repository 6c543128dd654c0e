import { PanelvecError } from '../errors.ts';
import type { EngineItem, EngineResult } from './engine-types.ts';

/** One panel in the queue. */
export interface QueueEntry {
  readonly model: string;
  readonly item: EngineItem;
  readonly queuedAt: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** It was in a batch that did not come back. It runs alone now, so that it can harm nobody but itself. */
  readonly isRetry: boolean;
  /** Work of a job, which gives way to calls that somebody waits for. */
  readonly bulk: boolean;
  resolve(result: EngineResult): void;
  reject(error: PanelvecError): void;
}

/** Takes the next batch from the front of the queue: one model, first come first served, a suspect alone. */
export function takeBatch(queue: QueueEntry[], maxBatch: number): QueueEntry[] {
  rejectCancelled(queue);
  const first = queue[0];
  if (first === undefined) return [];
  if (first.isRetry) return [queue.shift()!];
  const batch: QueueEntry[] = [];
  const remaining: QueueEntry[] = [];
  for (const entry of queue) {
    const fits = batch.length < maxBatch && entry.model === first.model && !entry.isRetry;
    (fits ? batch : remaining).push(entry);
  }
  queue.splice(0, queue.length, ...remaining);
  return batch;
}

/** Rejects what nobody waits for any more. */
export function rejectCancelled(queue: QueueEntry[]): void {
  for (let i = queue.length - 1; i >= 0; i--) {
    if (!queue[i]!.signal?.aborted) continue;
    const [entry] = queue.splice(i, 1);
    entry!.reject(new PanelvecError('request_cancelled', 'the client went away'));
  }
}
