import type { MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { EXPECTED, type QueryRanks, rankQueries } from './query-ranks.ts';
import { meanStatistic, medianStatistic, type Statistic } from './statistic.ts';

export interface RetrievalStatistics {
  readonly ranks: QueryRanks;
  readonly expectedRanks: readonly number[];
  /** recall_at_5 of a random order */
  readonly chance: number;
  readonly statistics: Readonly<
    Record<'recall_at_1' | 'recall_at_5' | 'recall_at_10' | 'mrr' | 'median_rank', Statistic>
  >;
}

/** Queries of one view that search for their panel among those of another view. */
export function measureRetrieval(panels: MeasuredPanels, query: ViewVectors, target: ViewVectors): RetrievalStatistics {
  const ranks = rankQueries(panels, query, target);
  const { rows, candidates } = ranks;
  const map = (expected: (nearer: number, equal: number) => number) =>
    ranks.nearer.map((nearer, i) => expected(nearer, ranks.equal[i] ?? 0));
  const recall = (k: number) =>
    meanStatistic(
      rows,
      map((nearer, equal) => EXPECTED.recall(nearer, equal, k)),
    );
  const expectedRanks = map(EXPECTED.rank);
  return {
    ranks,
    expectedRanks,
    chance: candidates.reduce((sum, count) => sum + Math.min(1, 5 / count), 0) / candidates.length,
    statistics: {
      recall_at_1: recall(1),
      recall_at_5: recall(5),
      recall_at_10: recall(10),
      mrr: meanStatistic(rows, map(EXPECTED.reciprocalRank)),
      median_rank: medianStatistic(rows, expectedRanks),
    },
  };
}
