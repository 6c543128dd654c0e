/**
 * What refused clients that return may take of the service. Clients that send one request after the other keep sending as many
 * new ones as are answered, and nothing tells these from those that return. With a tenth on top, ten of eleven find room.
 */
const RETURNING_SHARE = 0.1;
/** Clients give up on longer waits; OpenAI's ignore one of over a minute. */
const MAX_SECONDS = 60;
/** From here on, times are drawn: those who would all get the longest one must not return together. */
const MIN_LONG_SECONDS = 45;

/**
 * The times at which refused clients were told to return, as a queue: each is told a time after those before it, so that they
 * come one by one, as fast as there will be room for them beside new requests.
 */
export class RetryPromises {
  readonly #now: () => number;
  readonly #random: () => number;
  #promised = 0;
  #countedAt: number;

  constructor(now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
    this.#countedAt = now();
  }

  /**
   * Promises room for an amount of work, and returns the seconds until then.
   * @param delaySeconds until there is room for anything
   * @param rate work that the service does in a second
   */
  promise(work: number, delaySeconds: number, rate: number): number {
    const returningRate = rate * RETURNING_SHARE;
    const now = this.#now();
    this.#promised = Math.max(0, this.#promised - (returningRate * (now - this.#countedAt)) / 1000);
    this.#countedAt = now;
    // A place within the own slot: clients whose slots are short must not keep in step.
    const seconds = delaySeconds + (this.#promised + this.#random() * work) / returningRate;
    if (!(seconds < MIN_LONG_SECONDS)) return MIN_LONG_SECONDS + this.#random() * (MAX_SECONDS - MIN_LONG_SECONDS);
    this.#promised += work;
    return seconds;
  }
}
