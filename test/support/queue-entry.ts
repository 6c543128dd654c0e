import type { QueueEntry } from '../../src/inference/inference-queue.ts';

/** A panel that waits for an engine for the first time, without anything to compute. */
export function makeQueueEntry(fields: Partial<QueueEntry> = {}): QueueEntry {
  return {
    item: { pixels: null, tokens: null, composition: null, outputs: [] },
    cost: 1,
    queuedAt: 0,
    signal: undefined,
    isRetry: false,
    suspicion: 0,
    oomKills: undefined,
    priority: 'interactive',
    isBulk: false,
    trace: undefined,
    resolve: () => {},
    reject: () => {},
    ...fields,
  };
}
