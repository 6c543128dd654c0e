import type { PanelvecError } from '../errors.ts';
import type { TraceContext } from '../tracing/tracing.ts';
import { cancellationError } from '../util/cancellation-error.ts';
import type { EngineItem, EngineResult } from './engine-types.ts';
import type { Priority, PriorityTurns } from './priority.ts';

/** One panel in the queue. */
export interface QueueEntry {
  readonly item: EngineItem;
  /** What it takes of a batch: the number of its views, or 1 without a picture */
  readonly cost: number;
  readonly queuedAt: number;
  /** Which of the requests goes first */
  readonly priority: Priority;
  /** Aborted when nobody waits for the result any more; its reason may be the error to give */
  readonly signal: AbortSignal | undefined;
  /** It was lost or refused with its batch. Now it runs alone, so that it can harm no other panel. */
  readonly isRetry: boolean;
  /** Grows whenever its engine ends while it is alone there (engine-end.ts) */
  readonly suspicion: number;
  /** Processes that the system had ended for lack of memory when it was last put back; undefined before */
  readonly oomKills: number | undefined;
  /** Work of a job, which gives way to requests */
  readonly isBulk: boolean;
  /** The span of the request; undefined where it is not traced, and for work of jobs */
  readonly trace: TraceContext | undefined;
  resolve(result: EngineResult): void;
  reject(error: PanelvecError): void;
}

/**
 * Takes the next batch from the front of the queue: a retry alone, else those of the priority whose turn it is, and then as many
 * others as there is room for; each first come first served.
 * @param maxBatch the cost that it may have; the last panel may exceed it
 */
export function takeBatch(queue: QueueEntry[], maxBatch: number, turns: PriorityTurns): QueueEntry[] {
  rejectCancelled(queue);
  const [first] = queue;
  if (first === undefined) return [];
  if (first.isRetry) return queue.splice(0, 1);
  const isWaiting = (priority: Priority) => queue.some((entry) => entry.priority === priority && !entry.isRetry);
  const priority = turns.take({ interactive: isWaiting('interactive'), batch: isWaiting('batch') });
  let remaining = maxBatch;
  const takeEntries = (matches: (entry: QueueEntry) => boolean) =>
    removeEntries(queue, (entry) => {
      const isTaken = !entry.isRetry && remaining > 0 && matches(entry);
      if (isTaken) remaining -= entry.cost;
      return isTaken;
    });
  return [...takeEntries((entry) => entry.priority === priority), ...takeEntries(() => true)];
}

/** Rejects the entries that nobody waits for any more. */
export function rejectCancelled(queue: QueueEntry[]): void {
  for (const entry of removeEntries(queue, ({ signal }) => signal?.aborted === true)) {
    if (entry.signal) entry.reject(cancellationError(entry.signal));
  }
}

/** Removes the entries that match, and returns them in their order. */
export function removeEntries(queue: QueueEntry[], matches: (entry: QueueEntry) => boolean): QueueEntry[] {
  const removed: QueueEntry[] = [];
  const remaining: QueueEntry[] = [];
  for (const entry of queue) (matches(entry) ? removed : remaining).push(entry);
  if (removed.length > 0) queue.splice(0, queue.length, ...remaining);
  return removed;
}
