import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const CHECK_INTERVAL_MS = 10_000;
/** A collection takes a twentieth of a second, so it must be worth it. */
const MIN_GROWTH_BYTES = 64 * 2 ** 20;

type GarbageCollector = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => Promise<void>;

export interface ReleaseOptions {
  /** A number that changes while there is work */
  readonly readProgress: () => number;
  /** For tests */
  readonly intervalMs?: number;
}

/**
 * Gives memory back to the system when a process that had work is at rest. V8 keeps the pages of its heap that it has freed: after
 * requests whose JSON took half a gigabyte for a moment, the process would have half a gigabyte more until somebody uses it.
 * @returns what ends it
 */
export function releaseMemoryAtRest({ readProgress, intervalMs = CHECK_INTERVAL_MS }: ReleaseOptions): () => void {
  setFlagsFromString('--expose-gc');
  const collectGarbage: GarbageCollector = runInNewContext('gc');
  let progress = readProgress();
  let bytesAtRest = process.memoryUsage.rss();
  const check = async () => {
    const before = progress;
    progress = readProgress();
    const bytes = process.memoryUsage.rss();
    bytesAtRest = Math.min(bytesAtRest, bytes);
    if (progress !== before || bytes - bytesAtRest < MIN_GROWTH_BYTES) return;
    await collectGarbage({ type: 'major', execution: 'async', flavor: 'last-resort' });
    bytesAtRest = process.memoryUsage.rss();
  };
  const timer = setInterval(() => void check(), intervalMs).unref();
  return () => clearInterval(timer);
}
