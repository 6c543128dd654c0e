import { CounterRandom } from '../../util/counter-random.ts';
import { isFiniteVector } from '../../util/vectors.ts';
import { cosineOfRows, presentRows, vectorOf } from '../../vector-analysis/vector-rows.ts';
import type { LeakageMeasures } from '../evaluation-result.ts';
import { heldOutPredictions } from './held-out-predictions.ts';
import type { Kernel } from './kernel-ridge.ts';
import type { MeasuredPanel, MeasuredPanels, ViewVectors } from './measured-panels.ts';
import type { MaybeStatistic } from './statistic.ts';

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
  if (usable.length === 0) return leaveOut(`it takes ${MIN_PANELS} panels of two books`);
  if (!usable.flat().every((row) => isFiniteVector(vectorOf(vectors, row))))
    return leaveOut('some vectors are not finite');
  const predicted = usable.map((rows) => predictLayout(panels, vectors, rows));
  return mapTargets((target) => explainedVariance(predicted.map((gallery) => gallery[target])));
}

function leaveOut(reason: string): Record<LayoutTarget, MaybeStatistic> {
  return mapTargets(() => ({ left_out: reason }));
}

function mapTargets<Result>(map: (target: LayoutTarget) => Result): Record<LayoutTarget, Result> {
  return { aspect: map('aspect'), area: map('area'), panel_count: map('panel_count') };
}

interface Predicted {
  readonly rows: readonly number[];
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
}

/** Predicts the layout of each row from the rows of other books. */
function predictLayout(
  { panels }: MeasuredPanels,
  vectors: ViewVectors,
  rows: readonly number[],
): Record<LayoutTarget, Predicted> {
  const rowPanels = rows.flatMap((row) => panels[row] ?? []);
  const names = Object.keys(TARGETS) as LayoutTarget[];
  const actual = names.map((name) => rowPanels.map(TARGETS[name]));
  const predicted = heldOutPredictions(kernelOf(vectors, rows), actual, {
    groupOf: (i) => rowPanels[i]?.book ?? '',
    subgroupOf: (i) => rowPanels[i]?.page ?? '',
  });
  return mapTargets((target) => {
    const t = names.indexOf(target);
    return { rows, actual: actual[t] ?? [], predicted: predicted[t] ?? [] };
  });
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
