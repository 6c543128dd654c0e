/** Of the work itself and its batch, which are no part of the wait */
const OWN_SECONDS = 0.25;
/** A guess that is shorter says little of how long the work takes. */
const MIN_EXPECTED_SECONDS = 0.5;
const MAX_FACTOR = 3;

interface WaitingWork {
  readonly admittedAt: number;
  readonly expectedSeconds: number;
}

/**
 * How much longer work waits than was expected when it was admitted. The rate of the service is an average over seconds; that the
 * oldest work has not begun yet shows at once that the service has become slower.
 */
export class WaitDelay {
  /** In the order in which it was admitted */
  readonly #waiting = new Set<WaitingWork>();

  /** Adds work that waits, and returns what is to be called when any of it is done. */
  add(expectedSeconds: number, now: number): () => void {
    const work = { admittedAt: now, expectedSeconds };
    this.#waiting.add(work);
    return () => this.#waiting.delete(work);
  }

  /** By which waits that are expected now are to be multiplied */
  factor(now: number): number {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return 1;
    const waitedSeconds = (now - oldest.admittedAt) / 1000 - OWN_SECONDS;
    const factor = waitedSeconds / Math.max(oldest.expectedSeconds, MIN_EXPECTED_SECONDS);
    return Math.min(MAX_FACTOR, Math.max(1, factor));
  }
}
