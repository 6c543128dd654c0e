import { setImmediate } from 'node:timers/promises';

/** The phases of `indexPages`, in their order. */
export type IndexPhase = 'manifest' | 'labels' | 'bridging' | 'panels' | 'pages';

export interface ProgressOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, phase: string) => void) | undefined;
}

/** Some milliseconds of work */
const ROWS_PER_REPORT = 8192;

/** Whether it is time to call `reportProgress`. */
export function isReportDue(done: number): boolean {
  return done % ROWS_PER_REPORT === 0;
}

/** Reports progress and yields to the event loop. @throws the signal's reason */
export async function reportProgress(options: ProgressOptions, done: number, phase: IndexPhase): Promise<void> {
  options.onProgress?.(done, phase);
  await setImmediate();
  options.signal?.throwIfAborted();
}
