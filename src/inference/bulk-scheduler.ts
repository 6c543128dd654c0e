/** While requests came within this time, bulk work runs in small batches, so that no request waits long. */
const RECENT_REQUEST_MS = 5000;
/** Clients that send one request after the other leave gaps. Bulk work must not start in them: the next request would wait. */
const MIN_IDLE_MS = 250;
/** The shortest pause between two bulk runs while requests keep coming. */
const MIN_PAUSE_MS = 250;
/** The pause is at least this many times as long as the run before it: bulk work gets 4 % of the time at most. */
const PAUSE_TO_RUN_RATIO = 25;
/** A bulk run starts between requests. Where there was no such moment for this long, it goes before them. */
const OVERDUE_AFTER_MS = 1000;

/**
 * Decides when bulk work may use an engine that also serves requests. A run cannot be interrupted, so what protects a
 * request is that nothing long has begun when it arrives. Without requests, bulk work has the engine for itself. After recent
 * requests, it runs one small batch at a time. During a request, it hardly runs, but it never stops: a busy service would
 * not finish a job (docs/decisions/0013).
 */
export class BulkScheduler {
  readonly #smallBatch: number;
  #activeRequests = 0;
  #lastRequestEndedAt = Number.NEGATIVE_INFINITY;
  #nextTurnAt = 0;

  /** @param smallBatch panels of a bulk run while requests come in */
  constructor(smallBatch: number) {
    this.#smallBatch = smallBatch;
  }

  /** Counts a request as active until the returned function is called. */
  beginRequest(): () => void {
    this.#activeRequests++;
    return () => {
      this.#activeRequests--;
      this.#lastRequestEndedAt = performance.now();
    };
  }

  /** Whether bulk work has waited for so long that its turn comes before the active requests. */
  get isOverdue(): boolean {
    return this.#activeRequests > 0 && performance.now() >= this.#nextTurnAt + OVERDUE_AFTER_MS;
  }

  /** Takes the turn that is overdue. @returns panels of its batch */
  takeTurn(): number {
    this.recordRun(0);
    return this.#smallBatch;
  }

  /** The panels that a bulk batch may have now (0: none may start), and the bulk batches that an engine may hold. */
  quota(maxBatch: number, batchesInFlight: number): { readonly maxPanels: number; readonly maxBatches: number } {
    const now = performance.now();
    const smallBatch = Math.min(this.#smallBatch, maxBatch);
    const sinceLastRequest = now - this.#lastRequestEndedAt;
    if (this.#activeRequests > 0) return { maxPanels: this.isOverdue ? smallBatch : 0, maxBatches: 1 };
    if (sinceLastRequest < MIN_IDLE_MS) return { maxPanels: now < this.#nextTurnAt ? 0 : smallBatch, maxBatches: 1 };
    if (sinceLastRequest < RECENT_REQUEST_MS) return { maxPanels: smallBatch, maxBatches: 1 };
    return { maxPanels: maxBatch, maxBatches: batchesInFlight };
  }

  /** Milliseconds after which to ask again for a quota that is 0 now. */
  get retryDelayMs(): number {
    const now = performance.now();
    const untilTurn = this.#nextTurnAt - now;
    const untilIdle = this.#lastRequestEndedAt + MIN_IDLE_MS - now;
    return Math.max(1, this.#activeRequests > 0 ? untilTurn + OVERDUE_AFTER_MS : Math.min(untilTurn, untilIdle));
  }

  /** Notes that a bulk run has ended, and how long it took: the next turn comes after a pause. */
  recordRun(seconds: number): void {
    this.#nextTurnAt = performance.now() + Math.max(MIN_PAUSE_MS, PAUSE_TO_RUN_RATIO * seconds * 1000);
  }
}
