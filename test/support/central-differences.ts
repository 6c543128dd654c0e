import { seeded } from './numeric.ts';

/** Step relative to the size of a number: near the cube root of the resolution of float64 */
const STEP = 1e-6;

/** A scalar function of several tensors, each given by its elements. */
export type ScalarFunction = (tensors: readonly Float64Array[]) => number | Promise<number>;

/** Estimates gradients as (f(x + h) - f(x - h)) / 2h, for every element of every tensor. */
export async function centralDifferences(f: ScalarFunction, tensors: readonly Float64Array[]): Promise<Float64Array[]> {
  const gradients = tensors.map((tensor) => new Float64Array(tensor.length));
  const perturbed = tensors.map((tensor) => Float64Array.from(tensor));
  for (const [i, tensor] of perturbed.entries()) {
    for (const [j, value] of tensor.entries()) {
      const step = STEP * Math.max(1, Math.abs(value));
      const [above, below] = [value + step, value - step];
      tensor[j] = above;
      const fAbove = await f(perturbed);
      tensor[j] = below;
      const fBelow = await f(perturbed);
      tensor[j] = value;
      // The step after rounding, not the nominal one.
      gradients[i]![j] = (fAbove - fBelow) / (above - below);
    }
  }
  return gradients;
}

export type PointRange = 'any' | 'positive';

/**
 * Draws points of a grid over [-2, 2] or [0.5, 2.5] in random order. No two are equal and none is zero, so that none lies
 * near the kink of a maximum. `seed` also moves the grid a little, so that two tensors share no point.
 */
export function gridPoints(count: number, seed: number, range: PointRange): Float64Array {
  const random = seeded(seed + 1);
  const shift = 0.21 + 0.5 * ((seed * 0.3819) % 1);
  const points = Float64Array.from({ length: count }, (_, i) => (i + shift - (count >> 1)) * (4 / Math.max(4, count)));
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(((random() + 1) / 2) * (i + 1));
    [points[i], points[j]] = [points[j]!, points[i]!];
  }
  return range === 'any' ? points : points.map((value) => 1.5 + value / 2);
}

/** Largest difference, relative to the largest expected number. */
export function maxRelativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [maxDifference, scale] = [0, MIN_SCALE];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    // A NaN compares false with everything, so it must not slip through as "no larger".
    if (!(difference <= maxDifference)) maxDifference = difference;
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return maxDifference / scale;
}

/** Least scale of errors: where all numbers are zero, rounding is no error */
const MIN_SCALE = 1e-3;

/** |actual - expected| / |expected| of two vectors. */
export function relativeNormError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [squaredError, squaredNorm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    squaredError += (actual[i]! - expected[i]!) ** 2;
    squaredNorm += expected[i]! ** 2;
  }
  return Math.sqrt(squaredError) / Math.max(Math.sqrt(squaredNorm), MIN_SCALE);
}
