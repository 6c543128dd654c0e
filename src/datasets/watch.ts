import { setImmediate } from 'node:timers/promises';

/** Phases of `indexPages`, in their order. */
export type IndexPhase = 'manifest' | 'labels' | 'bridging' | 'panels' | 'pages';

export interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, phase: string) => void) | undefined;
}

/** Rows between two looks at the signal: some milliseconds of work */
const STEP = 8192;

/** Whether it is time to report and to look at the signal. */
export function isStep(done: number): boolean {
  return done % STEP === 0;
}

/** Reports, and lets whatever else waits in this process have its turn. @throws the signal's reason */
export async function step(watch: Watch, done: number, phase: IndexPhase): Promise<void> {
  watch.onProgress?.(done, phase);
  await setImmediate();
  watch.signal?.throwIfAborted();
}
