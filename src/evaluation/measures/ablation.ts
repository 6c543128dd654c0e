import { MODALITIES } from '../../model/modality.ts';
import { cosineOfRows } from '../../vector-analysis/vector-rows.ts';
import type { ContenderResult } from '../evaluation-result.ts';
import type { MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { meanStatistic, type Statistic } from './statistic.ts';

/** The mean cosine of a view to the stored vector of the same panel. */
export function measureAblation({ galleries }: MeasuredPanels, view: ViewVectors, stored: ViewVectors): Statistic {
  const rows = galleries.flat().filter((row) => view.isPresent[row] && stored.isPresent[row]);
  return meanStatistic(
    rows,
    rows.map((row) => cosineOfRows(view, row, stored, row)),
  );
}

/** Mean gate weights (n, 3) by the modalities (n, 3) that the panels have. */
export function meanGateWeights(present: Float32Array, gate: Float32Array): Exclude<ContenderResult['gate'], null> {
  const count = MODALITIES.length;
  const cases = Map.groupBy(Array(gate.length / count).keys(), (row) =>
    MODALITIES.filter((_, i) => present[row * count + i] === 1).join('+'),
  );
  return Object.fromEntries(
    [...cases].map(([name, rows]) => {
      const mean = (i: number) => rows.reduce((sum, row) => sum + (gate[row * count + i] ?? 0), 0) / rows.length;
      return [name, [mean(0), mean(1), mean(2)] as const];
    }),
  );
}
