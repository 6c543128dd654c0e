import type { Comparison, LeftOut } from '../evaluation-result.ts';
import { bootstrapInterval, pointEstimate } from './bootstrap.ts';
import type { MeasuredPanels } from './measured-panels.ts';
import { isLeftOut, type MaybeStatistic, type Statistic } from './statistic.ts';

/** Differences that are smaller are none. */
const MIN_DIFFERENCE = 1e-9;

/**
 * A statistic of a contender against that of a baseline, over the same panels: the difference with an interval, whose resamples
 * are the same for both, and a sign test over panels.
 * @param isLowerBetter for ranks: then a panel is better where its value is smaller
 */
export function compareStatistics(
  panels: MeasuredPanels,
  contender: MaybeStatistic,
  baseline: MaybeStatistic,
  isLowerBetter = false,
): Omit<Comparison, 'measure' | 'contender' | 'baseline'> | LeftOut {
  if (isLeftOut(contender)) return contender;
  if (isLeftOut(baseline)) return baseline;
  const [contenderValue, baselineValue] = [pointEstimate(contender), pointEstimate(baseline)];
  if (typeof contenderValue !== 'number') return contenderValue;
  if (typeof baselineValue !== 'number') return baselineValue;
  if (contender.rows.join() !== baseline.rows.join()) return { left_out: 'the two were measured on different panels' };
  const { rows } = contender;
  const compute = (weights: ArrayLike<number>) => contender.compute(weights) - baseline.compute(weights);
  const value = contenderValue - baselineValue;
  const isBiased = contender.isBiased === true || baseline.isBiased === true;
  return {
    difference: { value, ...bootstrapInterval(panels, rows, value, { compute, isBiased }) },
    relative: baselineValue > 0 ? value / baselineValue : null,
    sign_test: compareSigns(contender, baseline, isLowerBetter),
  };
}

function compareSigns({ values: a }: Statistic, { values: b }: Statistic, isLowerBetter: boolean) {
  if (a === undefined || b === undefined) return null;
  const differences = a.map((value, i) => (isLowerBetter ? -1 : 1) * (value - (b[i] ?? Number.NaN)));
  const better = differences.filter((difference) => difference > MIN_DIFFERENCE).length;
  const worse = differences.filter((difference) => difference < -MIN_DIFFERENCE).length;
  return { better, worse, p: signTest(better, worse) };
}

/** The exact two-sided sign test: how likely so uneven a split is where better and worse are equally likely. */
export function signTest(better: number, worse: number): number {
  const count = better + worse;
  // Logarithms, because 2 ** count leaves the range of numbers.
  let logTerm = -count * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= Math.min(better, worse); i++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(count - i) - Math.log(i + 1);
  }
  return Math.min(1, 2 * tail);
}
