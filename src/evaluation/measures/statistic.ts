import type { LeftOut } from '../evaluation-result.ts';

/** A number about some panels that can be computed again for a resample of them. */
export interface Statistic {
  /** The panels, as rows */
  readonly rows: readonly number[];
  /** @param weights how often each of `rows` counts. NaN where a resample has too little for it */
  compute(weights: ArrayLike<number>): number;
  /** One value for each of `rows`, if the statistic is their mean */
  readonly values?: readonly number[];
  /** Whether a resample, which has panels twice, moves the number to one side: its interval is then moved back */
  readonly isBiased?: boolean;
}

/** A statistic, or why there is none */
export type MaybeStatistic = Statistic | LeftOut;

export function isLeftOut(value: object): value is LeftOut {
  return 'left_out' in value;
}

/** The mean of one value for each row. */
export function meanStatistic(rows: readonly number[], values: readonly number[]): Statistic {
  return { rows, values, compute: (weights) => weightedMean(values, weights) };
}

export function weightedMean(values: readonly number[], weights: ArrayLike<number>): number {
  let [sum, total] = [0, 0];
  for (const [i, value] of values.entries()) {
    const weight = weights[i] ?? 0;
    if (weight === 0) continue;
    sum += weight * value;
    total += weight;
  }
  return sum / total;
}

/** The median of one value for each row; the mean of the two in the middle of an even number. */
export function medianStatistic(rows: readonly number[], values: readonly number[]): Statistic {
  const order = [...values.entries()].sort(([, a], [, b]) => a - b);
  return {
    rows,
    compute(weights) {
      let total = 0;
      for (const [i] of order) total += weights[i] ?? 0;
      const [lower, upper] = [Math.floor((total - 1) / 2), Math.ceil((total - 1) / 2)];
      let [passed, lowerValue] = [0, Number.NaN];
      for (const [i, value] of order) {
        passed += weights[i] ?? 0;
        if (Number.isNaN(lowerValue) && passed > lower) lowerValue = value;
        if (passed > upper) return (lowerValue + value) / 2;
      }
      return Number.NaN;
    },
  };
}
