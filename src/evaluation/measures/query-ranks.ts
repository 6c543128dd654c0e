import { cosineOfRows, presentRows, TIE } from '../../vector-analysis/vector-rows.ts';
import type { MeasuredPanels, ViewVectors } from './measured-panels.ts';

/** Where each query finds its own panel. All lists are in the order of the queries. */
export interface QueryRanks {
  readonly rows: readonly number[];
  /** Wrong panels that are nearer than the right one */
  readonly nearer: readonly number[];
  /** Wrong panels that are as near as the right one */
  readonly equal: readonly number[];
  /** Panels that are searched, the right one among them */
  readonly candidates: readonly number[];
}

/**
 * Ranks the panels of each gallery by cosine for each query. A panel whose picture is nearly that of the right one is neither
 * right nor wrong. A vector that is not a number finds nothing, and counts as nearer than the right one.
 */
export function rankQueries(panels: MeasuredPanels, query: ViewVectors, target: ViewVectors): QueryRanks {
  const ranks = { rows: [] as number[], nearer: [] as number[], equal: [] as number[], candidates: [] as number[] };
  for (const gallery of panels.galleries) {
    const targets = presentRows(target, gallery);
    for (const row of targets) {
      const wrong = targets.filter((other) => other !== row && !panels.nearDuplicates[row]?.has(other));
      // With nothing else to find, every vector finds the right one.
      if (!query.isPresent[row] || wrong.length === 0) continue;
      const own = cosineOfRows(query, row, target, row);
      let [nearer, equal] = [0, 0];
      for (const other of wrong) {
        const difference = cosineOfRows(query, row, target, other) - own;
        if (difference < -TIE) continue;
        if (difference <= TIE) equal++;
        else nearer++;
      }
      ranks.rows.push(row);
      ranks.nearer.push(nearer);
      ranks.equal.push(equal);
      ranks.candidates.push(wrong.length + 1);
    }
  }
  return ranks;
}

/**
 * Expected values over all orders of panels that are equally near, so that vectors which are all alike do no better than chance.
 */
export const EXPECTED = {
  /** Of the right panel, from 1 */
  rank: (nearer: number, equal: number) => 1 + nearer + equal / 2,
  /** That the right panel is among the first k */
  recall: (nearer: number, equal: number, k: number) => Math.min(1, Math.max(0, (k - nearer) / (equal + 1))),
  reciprocalRank(nearer: number, equal: number) {
    let sum = 0;
    for (let rank = nearer + 1; rank <= nearer + equal + 1; rank++) sum += 1 / rank;
    return sum / (equal + 1);
  },
} as const;
