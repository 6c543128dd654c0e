import { mean } from '../../util/arrays.ts';
import { cosineOfRows, presentRows, TIE } from '../../vector-analysis/vector-rows.ts';
import type { NeighbourMeasures } from '../evaluation-result.ts';
import type { MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { meanStatistic, type Statistic } from './statistic.ts';

type NeighbourKind = keyof NeighbourMeasures['chance'];

export interface NeighbourStatistics {
  readonly statistics: Readonly<Record<NeighbourKind, Statistic>>;
  readonly chance: Readonly<Record<NeighbourKind, number>>;
}

/** Of each panel with others of its page (or book): whether its nearest neighbour is one of them. */
export function measureNeighbours(panels: MeasuredPanels, vectors: ViewVectors): NeighbourStatistics {
  const pageOf = (row: number) => panels.panels[row]?.page;
  const bookOf = (row: number) => panels.panels[row]?.book;
  const isSamePage = (row: number, other: number) => pageOf(row) === pageOf(other);
  const isSameBook = (row: number, other: number) => bookOf(row) === bookOf(other);
  const shares = {
    same_page: nearestShare(panels, vectors, isSamePage),
    same_book: nearestShare(panels, vectors, isSameBook),
    same_book_other_page: nearestShare(panels, vectors, isSameBook, (row, other) => !isSamePage(row, other)),
  };
  const entries = Object.entries(shares) as [NeighbourKind, ReturnType<typeof nearestShare>][];
  return {
    statistics: mapShares(entries, ({ rows, values }) => meanStatistic(rows, values)),
    chance: mapShares(entries, ({ chances }) => mean(chances)),
  };
}

function mapShares<Share, Result>(entries: readonly [NeighbourKind, Share][], map: (share: Share) => Result) {
  return Object.fromEntries(entries.map(([kind, share]) => [kind, map(share)])) as Record<NeighbourKind, Result>;
}

type RowPredicate = (row: number, other: number) => boolean;

function nearestShare(
  { galleries, nearDuplicates }: MeasuredPanels,
  vectors: ViewVectors,
  isMatch: RowPredicate,
  isCandidate: RowPredicate = () => true,
) {
  const result = { rows: [] as number[], values: [] as number[], chances: [] as number[] };
  for (const gallery of galleries) {
    const rows = presentRows(vectors, gallery);
    for (const row of rows) {
      const candidates = rows.filter(
        (other) => other !== row && !nearDuplicates[row]?.has(other) && isCandidate(row, other),
      );
      const matches = candidates.filter((other) => isMatch(row, other)).length;
      if (matches === 0) continue;
      const cosines = candidates.map((other) => cosineOfRows(vectors, row, vectors, other));
      const nearestCosine = cosines.reduce((a, b) => Math.max(a, b));
      // Of several that are equally near, each is as good a neighbour.
      const nearest = candidates.filter((_, i) => (cosines[i] ?? Number.NaN) >= nearestCosine - TIE);
      result.rows.push(row);
      result.values.push(nearest.filter((other) => isMatch(row, other)).length / Math.max(1, nearest.length));
      result.chances.push(matches / candidates.length);
    }
  }
  return result;
}
