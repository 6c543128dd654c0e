import { PanelvecError } from '../errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Bounds what is in work at a time, and with it the memory: panels from the first byte decoded to the vector given back. */
export class Admission {
  readonly #limit: number;
  readonly #unit: string;
  #inFlight = 0;

  constructor(limit: number, unit: string) {
    this.#limit = limit;
    this.#unit = unit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** For callers that do not know yet how much a request holds. @throws PanelvecError queue_full */
  assertNotFull(): void {
    if (this.#inFlight >= this.#limit) throw this.#fullError();
  }

  /**
   * Counts an amount until the returned function is called. More than the whole limit is let in when nothing else is in
   * work. @throws PanelvecError queue_full
   */
  reserve(amount: number): () => void {
    if (this.#inFlight > 0 && this.#inFlight + amount > this.#limit) throw this.#fullError();
    this.#inFlight += amount;
    return () => {
      this.#inFlight -= amount;
    };
  }

  #fullError(): PanelvecError {
    const message = `${this.#inFlight} ${this.#unit} are in work already, the limit is ${this.#limit}`;
    return new PanelvecError('queue_full', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
