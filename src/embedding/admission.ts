import { PanelvecError } from '../errors.ts';

const DEFAULT_RETRY_AFTER_SECONDS = 1;

/**
 * Bounds the work in progress, and with it the memory: a panel counts from the first byte that is decoded until its vector
 * is returned.
 */
export class Admission {
  readonly #limit: number;
  readonly #unit: string;
  readonly #onRefused: () => number;
  #inFlight = 0;

  /**
   * @param unit what is counted, for messages: "panels"
   * @param onRefused returns the seconds after which the client may come back
   */
  constructor(limit: number, unit: string, onRefused: () => number = () => DEFAULT_RETRY_AFTER_SECONDS) {
    this.#limit = limit;
    this.#unit = unit;
    this.#onRefused = onRefused;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Refuses requests whose size is not known yet while the limit is reached. @throws PanelvecError queue_full */
  assertNotFull(): void {
    if (this.#inFlight >= this.#limit) throw this.#fullError();
  }

  /**
   * Counts an amount until the returned function is called. An amount over the whole limit is admitted when nothing else is
   * in progress. @throws PanelvecError queue_full
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
    return new PanelvecError('queue_full', message, { retryAfterSeconds: this.#onRefused() });
  }
}
