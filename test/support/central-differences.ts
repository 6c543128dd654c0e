import { seeded } from './numbers.ts';

/** Of the step, relative to the size of a number: near the cube root of what float64 resolves. */
const STEP = 1e-6;

/** A scalar function of several tensors, each given by its elements */
export type Scalar = (tensors: readonly Float64Array[]) => number | Promise<number>;

/** (f(x + h) - f(x - h)) / 2h in every element of every tensor. */
export async function centralDifferences(f: Scalar, tensors: readonly Float64Array[]): Promise<Float64Array[]> {
  const slopes = tensors.map((tensor) => new Float64Array(tensor.length));
  const moved = tensors.map((tensor) => Float64Array.from(tensor));
  for (const [at, tensor] of moved.entries()) {
    for (const [element, value] of tensor.entries()) {
      const step = STEP * Math.max(1, Math.abs(value));
      const [above, below] = [value + step, value - step];
      tensor[element] = above;
      const up = await f(moved);
      tensor[element] = below;
      const down = await f(moved);
      tensor[element] = value;
      // The step that was really made, after rounding.
      slopes[at]![element] = (up - down) / (above - below);
    }
  }
  return slopes;
}

export type Range = 'any' | 'positive';

/**
 * Points of a grid over [-2, 2], or [0.5, 2.5], in random order: no two are equal and none is zero, so that none lies near
 * the kink of a maximum. `seed` moves the grid a little, too, so that two tensors share no point.
 */
export function gridPoints(count: number, seed: number, range: Range): Float64Array {
  const random = seeded(seed + 1);
  const shift = 0.21 + 0.5 * ((seed * 0.3819) % 1);
  const points = Float64Array.from(
    { length: count },
    (_, at) => (at + shift - (count >> 1)) * (4 / Math.max(4, count)),
  );
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(((random() + 1) / 2) * (at + 1));
    [points[at], points[other]] = [points[other]!, points[at]!];
  }
  return range === 'any' ? points : points.map((value) => 1.5 + value / 2);
}

/** The largest difference, relative to the largest number that was expected. */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [off, size] = [0, SMALLEST_SCALE];
  for (let at = 0; at < expected.length; at++) {
    const difference = Math.abs(actual[at]! - expected[at]!);
    // A NaN compares false with everything, so it must not slip through as "no larger".
    if (!(difference <= off)) off = difference;
    size = Math.max(size, Math.abs(expected[at]!));
  }
  return off / size;
}

/** Where all is zero, the rounding of the differences is no error. */
const SMALLEST_SCALE = 1e-3;

/** |actual - expected| / |expected|, of the vectors. */
export function normError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [off, size] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    off += (actual[at]! - expected[at]!) ** 2;
    size += expected[at]! ** 2;
  }
  return Math.sqrt(off) / Math.max(Math.sqrt(size), SMALLEST_SCALE);
}
