import { CounterRandom } from '../../util/counter-random.ts';
import { isFiniteVector } from '../../util/vectors.ts';
import type { LeakageMeasures } from '../evaluation-result.ts';
import { groupFolds } from './group-folds.ts';
import { type Kernel, ridgePredictions } from './kernel-ridge.ts';
import type { MeasuredPanel, MeasuredPanels, ViewVectors } from './measured-panels.ts';
import type { MaybeStatistic } from './statistic.ts';
import { cosineOfRows, presentRows, vectorOf } from './vector-rows.ts';

const PENALTIES = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
const OUTER_FOLDS = 5;
const INNER_FOLDS = 4;
/** The work grows with the cube of the panels; more are drawn at random. */
const MAX_PANELS = 800;
const MIN_PANELS = 20;

type LayoutTarget = keyof LeakageMeasures;
const TARGETS: Readonly<Record<LayoutTarget, (panel: MeasuredPanel) => number>> = {
  aspect: ({ aspect }) => aspect,
  area: ({ area }) => area,
  panel_count: ({ panelCount }) => panelCount,
};

/**
 * How well a linear map reads the layout from the vector: R2 of ridge regression on books that it was not fitted on, the penalty
 * chosen on the others. Zero and less: not at all.
 */
export function measureLeakage(
  panels: MeasuredPanels,
  vectors: ViewVectors,
): Readonly<Record<LayoutTarget, MaybeStatistic>> {
  const galleries = panels.galleries.map((gallery, i) => {
    const rows = presentRows(vectors, gallery);
    return new CounterRandom(panels.seed, 'leakage', i)
      .shuffled(rows)
      .slice(0, MAX_PANELS)
      .sort((a, b) => a - b);
  });
  const usable = galleries.filter((rows) => rows.length >= MIN_PANELS && countBooks(panels, rows) >= 2);
  const measure = (target: LayoutTarget): MaybeStatistic => {
    if (usable.length === 0) return { left_out: `it takes ${MIN_PANELS} panels of two books` };
    if (!usable.flat().every((row) => isFiniteVector(vectorOf(vectors, row))))
      return { left_out: 'some vectors are not finite' };
    return explainedVariance(usable.map((rows) => predictLayout(panels, vectors, rows, TARGETS[target])));
  };
  return { aspect: measure('aspect'), area: measure('area'), panel_count: measure('panel_count') };
}

interface Predicted {
  readonly rows: readonly number[];
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
}

/** Predicts each row from the others of other books. */
function predictLayout(
  { panels }: MeasuredPanels,
  vectors: ViewVectors,
  rows: readonly number[],
  target: (panel: MeasuredPanel) => number,
): Predicted {
  const rowPanels = rows.flatMap((row) => panels[row] ?? []);
  const actual = rowPanels.map(target);
  const kernel = kernelOf(vectors, rows);
  const predicted = rows.map(() => Number.NaN);
  const all = rows.map((_, i) => i);
  const bookOf = (i: number) => rowPanels[i]?.book ?? '';
  for (const test of groupFolds(all, bookOf, OUTER_FOLDS)) {
    const held = new Set(test);
    const training = all.filter((i) => !held.has(i));
    // A single book is split by its pages.
    const isSplitByBook = new Set(training.map(bookOf)).size >= 2;
    const groupOf = isSplitByBook ? bookOf : (i: number) => rowPanels[i]?.page ?? '';
    const penalty = bestPenalty(kernel, actual, groupFolds(training, groupOf, INNER_FOLDS), training);
    const [values = []] = ridgePredictions(kernel, actual, training, test, [penalty]);
    for (const [j, i] of test.entries()) predicted[i] = values[j] ?? Number.NaN;
  }
  return { rows, actual, predicted };
}

/** The penalty with the smallest error on folds of the training rows. */
function bestPenalty(
  kernel: Kernel,
  actual: readonly number[],
  folds: readonly (readonly number[])[],
  training: readonly number[],
): number {
  const errors = PENALTIES.map(() => 0);
  for (const test of folds) {
    const held = new Set(test);
    const rest = training.filter((i) => !held.has(i));
    if (rest.length === 0) continue;
    for (const [p, values] of ridgePredictions(kernel, actual, rest, test, PENALTIES).entries()) {
      for (const [j, i] of test.entries()) {
        errors[p] = (errors[p] ?? 0) + ((values[j] ?? Number.NaN) - (actual[i] ?? Number.NaN)) ** 2;
      }
    }
  }
  return PENALTIES[errors.indexOf(Math.min(...errors))] ?? 1;
}

function kernelOf(vectors: ViewVectors, rows: readonly number[]): Kernel {
  const size = rows.length;
  const values = new Float64Array(size * size);
  for (const [i, row] of rows.entries()) {
    for (const [j, other] of rows.slice(0, i + 1).entries()) {
      const product = cosineOfRows(vectors, row, vectors, other);
      values[i * size + j] = product;
      values[j * size + i] = product;
    }
  }
  return { size, values };
}

/** R2 over all galleries, each against the mean of its own values. */
function explainedVariance(galleries: readonly Predicted[]): MaybeStatistic {
  if (galleries.every(({ actual }) => new Set(actual).size < 2)) return { left_out: 'all panels have the same value' };
  return {
    rows: galleries.flatMap(({ rows }) => rows),
    compute(weights) {
      let [residuals, deviations, offset] = [0, 0, 0];
      for (const { actual, predicted } of galleries) {
        let [sum, total] = [0, 0];
        for (const [i, value] of actual.entries()) {
          sum += value * (weights[offset + i] ?? 0);
          total += weights[offset + i] ?? 0;
        }
        for (const [i, value] of actual.entries()) {
          const weight = weights[offset + i] ?? 0;
          residuals += weight * (value - (predicted[i] ?? Number.NaN)) ** 2;
          if (weight > 0) deviations += weight * (value - sum / total) ** 2;
        }
        offset += actual.length;
      }
      return 1 - residuals / deviations;
    },
  };
}

function countBooks({ panels }: MeasuredPanels, rows: readonly number[]): number {
  return new Set(rows.map((row) => panels[row]?.book)).size;
}
