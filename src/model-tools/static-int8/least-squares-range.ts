import { elementAt } from '../../util/arrays.ts';

const LEVELS = 255;
/** Shares of the range that are tried for each end. */
const SHARES = Array.from({ length: 18 }, (_, i) => 1 - 0.05 * i);

interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * The range with the least squared error of its quantised values: what is clipped, and what rounding to levels adds. Its ends move
 * apart from each other.
 * @param histogram counts in equal bins over the whole range
 */
export function leastSquaresRange(histogram: Float64Array, whole: Range): Range {
  const low = Math.min(0, whole.min);
  const high = Math.max(0, whole.max);
  let best: Range = { min: low, max: high };
  let leastError = Number.POSITIVE_INFINITY;
  for (const lowShare of low < 0 ? SHARES : [1]) {
    for (const highShare of high > 0 ? SHARES : [1]) {
      const range = { min: low * lowShare, max: high * highShare };
      const error = squaredError(histogram, whole, range);
      if (error >= leastError) continue;
      leastError = error;
      best = range;
    }
  }
  return best;
}

function squaredError(histogram: Float64Array, whole: Range, { min, max }: Range): number {
  const width = (whole.max - whole.min) / histogram.length;
  // The error of rounding is spread evenly over a step.
  const rounding = ((max - min) / LEVELS) ** 2 / 12;
  let error = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    const value = whole.min + (bin + 0.5) * width;
    const clipped = Math.max(min - value, value - max, 0);
    error += elementAt(histogram, bin) * (clipped > 0 ? clipped ** 2 : rounding);
  }
  return error;
}
