/** Calls that people wait for came within this time: bulk work runs in small batches, so that none of them waits long. */
const RECENT_REQUEST_MS = 5000;
/** Whoever calls again and again leaves gaps, which are no time for a run that the next call would wait for. */
const MIN_IDLE_MS = 250;
/** While calls keep coming, bulk work gets a turn this often, and at most this share of the engine's time. */
const MIN_PAUSE_MS = 250;
/** A turn is taken between calls; one for which there was no such moment in this time goes before them. */
const OVERDUE_AFTER_MS = 1000;
const PAUSE_TO_RUN_RATIO = 25;

/**
 * When bulk work may use an engine that also answers calls. A run cannot be interrupted, so what protects a call is that
 * nothing long has begun when it comes. Nobody waits: bulk has the engine. Calls came lately: one small batch at a time.
 * A call is in work: almost none, but never nothing, or a busy service would not finish a job.
 */
export class BulkScheduler {
  readonly #smallBatch: number;
  #activeRequests = 0;
  #lastRequestEndedAt = Number.NEGATIVE_INFINITY;
  #nextTurnAt = 0;

  /** @param smallBatch panels of a bulk run while calls come in */
  constructor(smallBatch: number) {
    this.#smallBatch = smallBatch;
  }

  /** Somebody waits from now on, until the returned function is called. */
  beginRequest(): () => void {
    this.#activeRequests++;
    return () => {
      this.#activeRequests--;
      this.#lastRequestEndedAt = performance.now();
    };
  }

  /** Whether bulk work has waited so long for those who wait that its turn comes before theirs. */
  get isOverdue(): boolean {
    return this.#activeRequests > 0 && performance.now() >= this.#nextTurnAt + OVERDUE_AFTER_MS;
  }

  /** Panels of the batch that is now given that turn. */
  takeTurn(): number {
    this.recordRun(0);
    return this.#smallBatch;
  }

  /** How many panels a bulk batch may have now, and how many such batches an engine may hold. */
  quota(maxBatch: number, batchesInFlight: number): { readonly maxPanels: number; readonly maxBatches: number } {
    const now = performance.now();
    const smallBatch = Math.min(this.#smallBatch, maxBatch);
    const sinceLastRequest = now - this.#lastRequestEndedAt;
    if (this.#activeRequests > 0) return { maxPanels: this.isOverdue ? smallBatch : 0, maxBatches: 1 };
    if (sinceLastRequest < MIN_IDLE_MS) return { maxPanels: now < this.#nextTurnAt ? 0 : smallBatch, maxBatches: 1 };
    if (sinceLastRequest < RECENT_REQUEST_MS) return { maxPanels: smallBatch, maxBatches: 1 };
    return { maxPanels: maxBatch, maxBatches: batchesInFlight };
  }

  /** Milliseconds until a turn that is refused now will be granted. */
  get retryDelayMs(): number {
    const now = performance.now();
    const untilTurn = this.#nextTurnAt - now;
    const untilIdle = this.#lastRequestEndedAt + MIN_IDLE_MS - now;
    return Math.max(1, this.#activeRequests > 0 ? untilTurn + OVERDUE_AFTER_MS : Math.min(untilTurn, untilIdle));
  }

  /** A bulk run ended that took this long. */
  recordRun(seconds: number): void {
    this.#nextTurnAt = performance.now() + Math.max(MIN_PAUSE_MS, PAUSE_TO_RUN_RATIO * seconds * 1000);
  }
}
