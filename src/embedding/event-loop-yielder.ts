import { setImmediate as yieldToEventLoop } from 'node:timers/promises';

/** Work on the event loop is cut into slices of this length, with everything else in between. */
const MAX_SLICE_MS = 4;

/**
 * Lets other work of the event loop run when the present slice has lasted long enough. By time, because texts take very
 * different times; reports of progress over many equal rows count rows instead (datasets/index-progress.ts).
 */
export class EventLoopYielder {
  #sliceStartedAt = performance.now();

  async yieldIfDue(): Promise<void> {
    if (performance.now() - this.#sliceStartedAt < MAX_SLICE_MS) return;
    await yieldToEventLoop();
    this.#sliceStartedAt = performance.now();
  }
}
