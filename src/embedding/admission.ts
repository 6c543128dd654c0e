import { PanelvecError } from '../errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Bounds what is in work at a time, and with it the memory: panels from the first byte decoded to the vector given back. */
export class Admission {
  readonly #limit: number;
  readonly #what: string;
  #inWork = 0;

  constructor(limit: number, what: string) {
    this.#limit = limit;
    this.#what = what;
  }

  get inWork(): number {
    return this.#inWork;
  }

  /** For callers that do not know yet how much a request holds. @throws PanelvecError queue_full */
  assertOpen(): void {
    if (this.#inWork >= this.#limit) throw this.#full();
  }

  /**
   * Counts an amount until the returned function is called. More than the whole limit is let in when nothing else is in
   * work. @throws PanelvecError queue_full
   */
  reserve(amount: number): () => void {
    if (this.#inWork > 0 && this.#inWork + amount > this.#limit) throw this.#full();
    this.#inWork += amount;
    return () => {
      this.#inWork -= amount;
    };
  }

  #full(): PanelvecError {
    const message = `${this.#inWork} ${this.#what} are in work already, the limit is ${this.#limit}`;
    return new PanelvecError('queue_full', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
