import { setImmediate as turn } from 'node:timers/promises';

/** Work on the event loop is cut into slices of this length, with everything else in between. */
const SLICE_MS = 4;

/** Lets the event loop turn when the present slice has lasted long enough. */
export class Pause {
  #sliceBegan = performance.now();

  async ifDue(): Promise<void> {
    if (performance.now() - this.#sliceBegan < SLICE_MS) return;
    await turn();
    this.#sliceBegan = performance.now();
  }
}
