import { processTreeMegabytes, totalMegabytes } from './process-memory.ts';

const PERIOD_MS = 500;

/** Watches the memory of a process and all that it has started. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #root: number;
  #peak = 0;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => this.#sample(), PERIOD_MS);
    this.#sample();
  }

  /** The largest sum in MB so far. */
  stop(): number {
    clearInterval(this.#timer);
    this.#sample();
    return this.#peak;
  }

  #sample(): void {
    this.#peak = Math.max(this.#peak, totalMegabytes(processTreeMegabytes(this.#root)));
  }
}
