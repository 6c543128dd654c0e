import { setImmediate } from 'node:timers/promises';

/** Phases of `indexPages`, in their order. */
export type IndexPhase = 'manifest' | 'labels' | 'bridging' | 'panels' | 'pages';

export interface ProgressOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, phase: string) => void) | undefined;
}

/** Rows between two looks at the signal: some milliseconds of work */
const ROWS_PER_REPORT = 8192;

/** Whether it is time to report and to look at the signal. */
export function isReportDue(done: number): boolean {
  return done % ROWS_PER_REPORT === 0;
}

/** Reports, and lets whatever else waits in this process have its turn. @throws the signal's reason */
export async function reportProgress(options: ProgressOptions, done: number, phase: IndexPhase): Promise<void> {
  options.onProgress?.(done, phase);
  await setImmediate();
  options.signal?.throwIfAborted();
}
