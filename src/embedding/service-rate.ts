/** After so many seconds of work, what was learnt counts a third (1/e). */
const MEMORY_SECONDS = 5;
/** So many seconds of work does the start value count. */
const PRIOR_SECONDS = 0.5;
/**
 * Of the start value. One picture that a decoder does not come to an end with, while others would be done, must not make the rate so
 * small that nothing is admitted from which it could be learnt again.
 */
const MIN_SHARE = 0.1;

/**
 * Learns how much work the service does in a second while it has work. Work is counted in any unit: a wait is the work ahead over
 * the rate, so the unit cancels out. Times without work say nothing and are left out.
 */
export class ServiceRate {
  readonly #now: () => number;
  readonly #minPerSecond: number;
  #done: number;
  #busySeconds = PRIOR_SECONDS;
  #isBusy = false;
  #countedAt: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(startValue: number, now: () => number) {
    this.#now = now;
    this.#minPerSecond = MIN_SHARE * startValue;
    this.#done = startValue * PRIOR_SECONDS;
    this.#countedAt = now();
  }

  /** Work that the service does in a second */
  get perSecond(): number {
    this.#countTime();
    return Math.max(this.#minPerSecond, this.#done / this.#busySeconds);
  }

  /** Tells whether there is work from now on. */
  setBusy(isBusy: boolean): void {
    this.#countTime();
    this.#isBusy = isBusy;
  }

  recordDone(work: number): void {
    this.#countTime();
    this.#done += work;
  }

  #countTime(): void {
    const now = this.#now();
    const seconds = (now - this.#countedAt) / 1000;
    this.#countedAt = now;
    if (!this.#isBusy || seconds <= 0) return;
    const remaining = Math.exp(-seconds / MEMORY_SECONDS);
    this.#done *= remaining;
    this.#busySeconds = this.#busySeconds * remaining + MEMORY_SECONDS * (1 - remaining);
  }
}
