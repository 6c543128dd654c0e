/** Texts of a long list that one engine holds while other requests come: two take as long as one (`textBatchSizes`). */
const TEXTS_BESIDE_REQUESTS = 2;
/** Clients that send one request after the other leave gaps, in which the engines must not fill up with texts. */
const RECENT_REQUEST_MS = 250;

/**
 * Decides how many texts of a long list may be with the engines at a time. A run cannot be interrupted, so a request waits for
 * what the engines hold when it arrives: all that they can hold where nothing else comes, else hardly anything.
 */
export class TextPacer {
  readonly #capacity: number;
  readonly #engines: number;
  #activeRequests = 0;
  #lastRequestEndedAt = Number.NEGATIVE_INFINITY;

  /** @param capacity panels that all engines hold at a time */
  constructor(capacity: number, engines: number) {
    this.#capacity = capacity;
    this.#engines = engines;
  }

  /** Whether a list of texts is so long that it is fed to the engines bit by bit. */
  isLong(texts: number): boolean {
    return texts > this.#capacity;
  }

  /** Counts a request of any other kind as active until the returned function is called. */
  beginRequest(): () => void {
    this.#activeRequests++;
    return () => {
      this.#activeRequests--;
      this.#lastRequestEndedAt = performance.now();
    };
  }

  /** The texts of each long list that may be with the engines now */
  get maxTexts(): number {
    const isAlone = this.#activeRequests === 0 && performance.now() - this.#lastRequestEndedAt > RECENT_REQUEST_MS;
    return isAlone ? this.#capacity : Math.min(this.#capacity, TEXTS_BESIDE_REQUESTS * this.#engines);
  }
}
