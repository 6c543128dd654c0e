import { PanelvecError } from '../errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Bounds the panels in work, from the first byte decoded to the vector given back, and with them the memory. */
export class Admission {
  readonly #limit: number;
  #inWork = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get inWork(): number {
    return this.#inWork;
  }

  /** For callers that do not know yet how many panels a request holds. @throws PanelvecError queue_full */
  assertOpen(): void {
    if (this.#inWork >= this.#limit) throw this.#full();
  }

  /**
   * Runs `work` with its panels counted. A request larger than the whole limit is let in when nothing else is in work.
   * @throws PanelvecError queue_full
   */
  async admit<T>(items: number, work: () => Promise<T>): Promise<T> {
    if (this.#inWork > 0 && this.#inWork + items > this.#limit) throw this.#full();
    this.#inWork += items;
    try {
      return await work();
    } finally {
      this.#inWork -= items;
    }
  }

  #full(): PanelvecError {
    return new PanelvecError('queue_full', `${this.#inWork} panels are in work already, the limit is ${this.#limit}`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}
