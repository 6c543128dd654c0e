/**
 * Random numbers without a state: what is drawn depends on the keys and the number of the draw alone, so a training that
 * was interrupted draws what it would have drawn. Mixing is that of MurmurHash3's finaliser (Appleby, public domain).
 */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Steps of the golden ratio: neighbouring counters become far apart before they are mixed. */
const GOLDEN = 0x9e3779b9;

export class CounterRandom {
  readonly #key: number;

  /** @param keys what the numbers are for: a seed, an epoch, a step, a name */
  constructor(...keys: readonly (number | string)[]) {
    let key = 0;
    for (const part of keys.flatMap((value) => (typeof value === 'string' ? [...Buffer.from(value)] : [value]))) {
      key = mix(Math.imul(key, 31) + (part | 0) + GOLDEN);
    }
    this.#key = key;
  }

  /** The draw of a number, in [0, 1) */
  uniform(draw: number): number {
    return mix(mix(Math.imul(draw + 1, GOLDEN) ^ this.#key) + this.#key) / 2 ** 32;
  }

  /** A whole number in [0, below) */
  integer(draw: number, below: number): number {
    return Math.floor(this.uniform(draw) * below);
  }

  /** The same elements in another order (Fisher and Yates). */
  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i, i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }

  /** Zeros with the probability `rate`, 1 / (1 - rate) elsewhere */
  dropout(length: number, rate: number): Float32Array {
    const scale = 1 / (1 - rate);
    const mask = new Float32Array(length);
    for (let i = 0; i < length; i++) if (this.uniform(i) >= rate) mask[i] = scale;
    return mask;
  }
}
