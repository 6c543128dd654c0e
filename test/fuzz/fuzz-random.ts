import { SeededRandom } from '../../src/util/seeded-random.ts';

/** The choices of one fuzzed request. The same seed and index make the same request. */
export class FuzzRandom {
  readonly #random: SeededRandom;

  constructor(seed: number, index = 0) {
    this.#random = new SeededRandom((seed + Math.imul(index, 0x9e3779b1)) >>> 0);
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.#random.uniform() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new Error('there is nothing to pick');
    return item;
  }

  /** A small number is likely, a large one is possible. */
  length(max: number): number {
    return Math.floor((max + 1) ** this.#random.uniform());
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.integer(0, 255)));
  }
}
