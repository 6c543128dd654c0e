/** Calls that people wait for came within this time: bulk work runs in small batches, so that none of them waits long. */
const BUSY_MS = 5000;
/** Whoever calls again and again leaves gaps, which are no time for a run that the next call would wait for. */
const GAP_MS = 250;
/** While calls keep coming, bulk work gets a turn this often, and at most this share of the engine's time. */
const SHORTEST_PAUSE_MS = 250;
/** A turn is taken between calls; one for which there was no such moment in this time goes before them. */
const OVERDUE_MS = 1000;
const PAUSES_PER_TURN = 25;

/**
 * When bulk work may use an engine that also answers calls. A run cannot be interrupted, so what protects a call is that
 * nothing long has begun when it comes. Nobody waits: bulk has the engine. Calls came lately: one small batch at a time.
 * A call is in work: almost none, but never nothing, or a busy service would not finish a job.
 */
export class BulkTurns {
  readonly #smallBatch: number;
  #waiting = 0;
  #lastCall = Number.NEGATIVE_INFINITY;
  #nextTurn = 0;

  /** @param smallBatch panels of a bulk run while calls come in */
  constructor(smallBatch: number) {
    this.#smallBatch = smallBatch;
  }

  /** Somebody waits from now on, until the returned function is called. */
  attend(): () => void {
    this.#waiting++;
    return () => {
      this.#waiting--;
      this.#lastCall = performance.now();
    };
  }

  /** Whether bulk work has waited so long for those who wait that its turn comes before theirs. */
  get isDue(): boolean {
    return this.#waiting > 0 && performance.now() >= this.#nextTurn + OVERDUE_MS;
  }

  /** Panels of the batch that is now given that turn. */
  take(): number {
    this.ran(0);
    return this.#smallBatch;
  }

  /** How many panels a bulk batch may have now, and how many such batches an engine may hold. */
  allowance(maxBatch: number, batchesInFlight: number): { readonly panels: number; readonly batches: number } {
    const now = performance.now();
    const small = Math.min(this.#smallBatch, maxBatch);
    const sinceCall = now - this.#lastCall;
    if (this.#waiting > 0) return { panels: this.isDue ? small : 0, batches: 1 };
    if (sinceCall < GAP_MS) return { panels: now < this.#nextTurn ? 0 : small, batches: 1 };
    if (sinceCall < BUSY_MS) return { panels: small, batches: 1 };
    return { panels: maxBatch, batches: batchesInFlight };
  }

  /** Milliseconds until a turn that is refused now will be granted. */
  get pauseMs(): number {
    const now = performance.now();
    const turn = this.#nextTurn - now;
    const gap = this.#lastCall + GAP_MS - now;
    return Math.max(1, this.#waiting > 0 ? turn + OVERDUE_MS : Math.min(turn, gap));
  }

  /** A bulk run ended that took this long. */
  ran(seconds: number): void {
    this.#nextTurn = performance.now() + Math.max(SHORTEST_PAUSE_MS, PAUSES_PER_TURN * seconds * 1000);
  }
}
