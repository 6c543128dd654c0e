import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const NANOSECONDS_PER_SECOND = 1e9;

/** How late the event loop runs its timers, since the last reset. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #resetTime = performance.now();

  /** Measures until `stop` is called. */
  constructor() {
    this.#histogram.enable();
  }

  /** Since when the delays are measured */
  get ageMs(): number {
    return performance.now() - this.#resetTime;
  }

  quantileSeconds(quantile: number): number {
    // Node includes the timer's own period; only what exceeds it is delay.
    const seconds = this.#histogram.percentile(quantile * 100) / NANOSECONDS_PER_SECOND - RESOLUTION_MS / 1000;
    return Math.max(0, seconds);
  }

  reset(): void {
    this.#histogram.reset();
    this.#resetTime = performance.now();
  }

  stop(): void {
    this.#histogram.disable();
  }
}
