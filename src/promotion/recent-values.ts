import { median } from '../util/arrays.ts';

/** The latest numbers of a series, up to a bound, so that what was long ago decides nothing. */
export class RecentValues {
  readonly #values: Float64Array;
  #added = 0;

  constructor(maxCount: number) {
    this.#values = new Float64Array(maxCount);
  }

  get count(): number {
    return Math.min(this.#added, this.#values.length);
  }

  get sum(): number {
    return this.#recent.reduce((sum, value) => sum + value, 0);
  }

  /** 0 where there is none */
  get median(): number {
    return this.count === 0 ? 0 : median([...this.#recent]);
  }

  add(value: number): void {
    this.#values[this.#added % this.#values.length] = value;
    this.#added++;
  }

  get #recent(): Float64Array {
    return this.#values.subarray(0, this.count);
  }
}
