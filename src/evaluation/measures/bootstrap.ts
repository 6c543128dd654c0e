import { mean } from '../../util/arrays.ts';
import { CounterRandom } from '../../util/counter-random.ts';
import type { Estimate, LeftOut, Measure, ResampledUnit } from '../evaluation-result.ts';
import type { MeasuredPanels } from './measured-panels.ts';
import { isLeftOut, type MaybeStatistic, type Statistic } from './statistic.ts';

const RESAMPLES = 1000;
const LOW_QUANTILE = 0.025;
const HIGH_QUANTILE = 0.975;
/** Panels of a book are alike, so that books are drawn; of fewer books the bootstrap knows too little of how they differ. */
const MIN_RESAMPLED_BOOKS = 8;
/** An interval of fewer panels would say nothing. */
export const MIN_COUNT = 10;

/** A statistic with its interval: the 2.5 and 97.5 % quantiles of the bootstrap (Efron 1979), seeded. */
export function estimate(panels: MeasuredPanels, statistic: MaybeStatistic): Measure {
  if (isLeftOut(statistic)) return statistic;
  const value = pointEstimate(statistic);
  return typeof value === 'number' ? { value, ...bootstrapInterval(panels, statistic.rows, value, statistic) } : value;
}

/** The value of a statistic without its interval, or why there is none. */
export function pointEstimate({ rows, compute }: Statistic): number | LeftOut {
  if (rows.length < MIN_COUNT) return { left_out: `it takes ${MIN_COUNT} panels, and there are ${rows.length}` };
  const value = compute(onesFor(rows));
  if (!Number.isFinite(value)) return { left_out: 'the vectors give no finite number' };
  return value;
}

/** The interval of a statistic whose value is known. */
export function bootstrapInterval(
  panels: MeasuredPanels,
  rows: readonly number[],
  value: number,
  { compute, isBiased }: Pick<Statistic, 'compute' | 'isBiased'>,
): Omit<Estimate, 'value'> {
  const { unit, units } = resampledUnits(panels, rows);
  const results: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const result = compute(drawWeights(units, rows.length, new CounterRandom(panels.seed, 'bootstrap', resample)));
    if (Number.isFinite(result)) results.push(result);
  }
  results.sort((a, b) => a - b);
  const shift = isBiased && results.length > 0 ? value - mean(results) : 0;
  return {
    low: quantile(results, LOW_QUANTILE, value) + shift,
    high: quantile(results, HIGH_QUANTILE, value) + shift,
    count: rows.length,
    resampled: unit,
  };
}

/** Weights that count each row once. */
export function onesFor(rows: readonly number[]): Float64Array {
  return new Float64Array(rows.length).fill(1);
}

/** What is drawn together: for each unit the indices of its rows. */
function resampledUnits({ panels }: MeasuredPanels, rows: readonly number[]) {
  const books = Map.groupBy(rows.keys(), (index) => panels[rows[index] ?? -1]?.book);
  const unit: ResampledUnit = books.size >= MIN_RESAMPLED_BOOKS ? 'books' : 'panels';
  return { unit, units: unit === 'books' ? [...books.values()] : rows.map((_, index) => [index]) };
}

/** Draws as many units as there are, with replacement. */
function drawWeights(units: readonly (readonly number[])[], length: number, random: CounterRandom): Float64Array {
  const weights = new Float64Array(length);
  for (let draw = 0; draw < units.length; draw++) {
    for (const index of units[random.integer(draw, units.length)] ?? []) weights[index] = (weights[index] ?? 0) + 1;
  }
  return weights;
}

/** A quantile of sorted values, interpolated as NumPy does by default; the fallback where there are none. */
function quantile(sorted: readonly number[], fraction: number, fallback: number): number {
  const position = fraction * (sorted.length - 1);
  const lower = sorted[Math.floor(position)] ?? fallback;
  const upper = sorted[Math.ceil(position)] ?? fallback;
  return lower + (upper - lower) * (position - Math.floor(position));
}
