import { elementAt } from './arrays.ts';

/** The finaliser of MurmurHash3 (Appleby, public domain). */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Multiples of the golden ratio move neighbouring counters far apart before they are mixed. */
const GOLDEN = 0x9e3779b9;

/**
 * Random numbers without state: a number depends only on the keys and the index of the draw, so that an interrupted training
 * draws the same numbers when it is resumed.
 */
export class CounterRandom {
  readonly #key: number;

  /** @param keys the seed and whatever tells one use from another: epoch, step, name */
  constructor(...keys: readonly (number | string)[]) {
    let key = 0;
    for (const part of keys.flatMap((value) => (typeof value === 'string' ? [...Buffer.from(value)] : [value]))) {
      key = mix(Math.imul(key, 31) + (part | 0) + GOLDEN);
    }
    this.#key = key;
  }

  /** A number in [0, 1). @param draw the index of the draw */
  uniform(draw: number): number {
    return mix(mix(Math.imul(draw + 1, GOLDEN) ^ this.#key) + this.#key) / 2 ** 32;
  }

  /** A whole number in [0, below). */
  integer(draw: number, below: number): number {
    return Math.floor(this.uniform(draw) * below);
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i, i + 1);
      const value = elementAt(result, i);
      result[i] = elementAt(result, j);
      result[j] = value;
    }
    return result;
  }

  /** A dropout mask: 0 with probability `rate`, 1 / (1 - rate) elsewhere. */
  dropout(length: number, rate: number): Float32Array {
    const scale = 1 / (1 - rate);
    const mask = new Float32Array(length);
    for (let i = 0; i < length; i++) if (this.uniform(i) >= rate) mask[i] = scale;
    return mask;
  }
}
