import { setImmediate as yieldToEventLoop } from 'node:timers/promises';

/** Work on the event loop is cut into slices of this length, with everything else in between. */
const MAX_SLICE_MS = 4;

/** Lets the event loop turn when the present slice has lasted long enough. */
export class EventLoopYielder {
  #sliceStartedAt = performance.now();

  async yieldIfDue(): Promise<void> {
    if (performance.now() - this.#sliceStartedAt < MAX_SLICE_MS) return;
    await yieldToEventLoop();
    this.#sliceStartedAt = performance.now();
  }
}
