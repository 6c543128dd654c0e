import { PanelvecError } from '../errors.ts';
import type { EngineItem, EngineResult } from './contract.ts';

/** One panel in the queue. */
export interface Work {
  readonly model: string;
  readonly item: EngineItem;
  readonly queuedAt: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** It was in a batch that did not come back. It runs alone now, so that it can harm nobody but itself. */
  readonly suspect: boolean;
  /** Work of a job, which gives way to calls that somebody waits for. */
  readonly bulk: boolean;
  resolve(result: EngineResult): void;
  reject(error: PanelvecError): void;
}

/** Takes the next batch from the front of the queue: one model, first come first served, a suspect alone. */
export function takeBatch(queue: Work[], maxBatch: number): Work[] {
  dropAbandoned(queue);
  const first = queue[0];
  if (first === undefined) return [];
  if (first.suspect) return [queue.shift()!];
  const chosen: Work[] = [];
  const kept: Work[] = [];
  for (const work of queue) {
    const fits = chosen.length < maxBatch && work.model === first.model && !work.suspect;
    (fits ? chosen : kept).push(work);
  }
  queue.splice(0, queue.length, ...kept);
  return chosen;
}

/** Rejects what nobody waits for any more. */
export function dropAbandoned(queue: Work[]): void {
  for (let at = queue.length - 1; at >= 0; at--) {
    if (!queue[at]!.signal?.aborted) continue;
    const [work] = queue.splice(at, 1);
    work!.reject(new PanelvecError('request_cancelled', 'the client went away'));
  }
}
