import { cosineOfRows, presentRows, vectorOf } from '../../vector-analysis/vector-rows.ts';
import type { CollapseVerdict } from '../evaluation-result.ts';
import type { MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { EXPECTED, rankQueries } from './query-ranks.ts';
import { type MaybeStatistic, meanStatistic, type Statistic } from './statistic.ts';

/** Of the original's tool. */
export const COLLAPSE_THRESHOLDS = { collapsed: 0.9, similar: 0.8, alignment: 0.3 } as const;

/**
 * Mean cosines within and between pages. Within pages as the original's tool has it: the mean over pages of the mean of their
 * pairs. Between pages it compares the first panel of the first page to that of the others; here all pairs count.
 */
export function measureCollapse(panels: MeasuredPanels, vectors: ViewVectors) {
  const pageOf = (row: number) => panels.panels[row]?.page;
  const within = { rows: [] as number[], values: [] as number[] };
  const between = { rows: [] as number[], values: [] as number[] };
  const all = { rows: [] as number[], values: [] as number[] };
  for (const gallery of panels.galleries) {
    const rows = presentRows(vectors, gallery);
    const total = sumOf(vectors, rows);
    for (const pageRows of Map.groupBy(rows, pageOf).values()) {
      const onPage = sumOf(vectors, pageRows);
      const [first] = pageRows;
      if (first !== undefined && pageRows.length > 1) {
        // A page is drawn as its first panel where the bootstrap draws single panels.
        within.rows.push(first);
        within.values.push(meanOfPairs(vectors, pageRows));
      }
      for (const row of pageRows) {
        const others = rows.length - pageRows.length;
        if (others > 0)
          push(between, row, (productWith(vectors, row, total) - productWith(vectors, row, onPage)) / others);
        if (rows.length > 1)
          push(
            all,
            row,
            (productWith(vectors, row, total) - cosineOfRows(vectors, row, vectors, row)) / (rows.length - 1),
          );
      }
    }
  }
  const toStatistic = ({ rows, values }: typeof all): Statistic => meanStatistic(rows, values);
  return { within_page: toStatistic(within), between_pages: toStatistic(between), all_pairs: toStatistic(all) };
}

/** For each picture alone: whether its own text alone is the nearest among the texts of its page. */
export function measurePageAlignment(panels: MeasuredPanels, picture: ViewVectors, text: ViewVectors): MaybeStatistic {
  const galleries = panels.galleries.flatMap((gallery) => [
    ...Map.groupBy(
      gallery.filter((row) => picture.isPresent[row]),
      (row) => panels.panels[row]?.page,
    ).values(),
  ]);
  const { rows, nearer, equal } = rankQueries({ ...panels, galleries }, picture, text);
  if (rows.length === 0) return { left_out: 'no page has two panels with text' };
  return meanStatistic(
    rows,
    nearer.map((count, i) => EXPECTED.recall(count, equal[i] ?? 0, 1)),
  );
}

/** The verdict of the original's tool; null where no page has two panels. @param alignment undefined where it was not measured */
export function collapseVerdict(withinPage: number | undefined, alignment: number | undefined): CollapseVerdict | null {
  if (withinPage === undefined) return null;
  if (withinPage > COLLAPSE_THRESHOLDS.collapsed) return 'collapsed';
  if (withinPage > COLLAPSE_THRESHOLDS.similar) return 'similar';
  return alignment !== undefined && alignment < COLLAPSE_THRESHOLDS.alignment ? 'weakly_aligned' : 'healthy';
}

function push(list: { readonly rows: number[]; readonly values: number[] }, row: number, value: number): void {
  list.rows.push(row);
  list.values.push(value);
}

function sumOf(vectors: ViewVectors, rows: readonly number[]): Float64Array {
  const sum = new Float64Array(vectors.dimensions);
  for (const row of rows) for (const [i, value] of vectorOf(vectors, row).entries()) sum[i] = (sum[i] ?? 0) + value;
  return sum;
}

function productWith(vectors: ViewVectors, row: number, other: Float64Array): number {
  let sum = 0;
  for (const [i, value] of vectorOf(vectors, row).entries()) sum += value * (other[i] ?? 0);
  return sum;
}

function meanOfPairs(vectors: ViewVectors, rows: readonly number[]): number {
  let [sum, pairs] = [0, 0];
  for (const [i, row] of rows.entries()) {
    for (const other of rows.slice(i + 1)) {
      sum += cosineOfRows(vectors, row, vectors, other);
      pairs++;
    }
  }
  return sum / pairs;
}
