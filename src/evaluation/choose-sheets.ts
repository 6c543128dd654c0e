import { CounterRandom } from '../util/counter-random.ts';
import { dotProduct } from '../util/vectors.ts';
import type { NeighbourSheet, RetrievalTask } from './evaluation-result.ts';

/** Of each choice: enough to see a pattern, and few enough to look at. */
const SHEETS_PER_CHOICE = 4;
const FOUND_PER_SHEET = 6;

export interface SheetQuery {
  readonly panel: string;
  /** The words of the query; null for a picture */
  readonly text: string | null;
  /** Of the right panel, from 1 */
  readonly rank: number;
  readonly vector: Float32Array;
}

export interface SheetTarget {
  readonly panel: string;
  readonly vector: Float32Array;
}

/** What a query finds, before it is known whether it becomes a sheet. */
export interface SheetCandidate extends Pick<NeighbourSheet, 'query' | 'query_text' | 'rank' | 'found'> {
  /** By how much the right panel is nearer than the nearest other one; negative if it is not the nearest */
  readonly margin: number;
}

/**
 * Finds the nearest targets of each query; all vectors have unit length. With folds it is called for each: vectors of different
 * folds have no cosine.
 */
export function sheetCandidates(queries: readonly SheetQuery[], targets: readonly SheetTarget[]): SheetCandidate[] {
  return queries.map(({ panel, text, rank, vector }) => {
    const nearest: { panel: string; cosine: number }[] = [];
    let [right, nearestOther] = [-1, -1];
    for (const target of targets) {
      const cosine = dotProduct(vector, target.vector);
      if (target.panel === panel) right = cosine;
      else nearestOther = Math.max(nearestOther, cosine);
      // A list of all targets would have to be sorted for each query.
      if (nearest.length === FOUND_PER_SHEET && cosine <= (nearest.at(-1)?.cosine ?? -1)) continue;
      const position = nearest.findIndex((found) => found.cosine < cosine);
      nearest.splice(position === -1 ? nearest.length : position, 0, { panel: target.panel, cosine });
      nearest.length = Math.min(nearest.length, FOUND_PER_SHEET);
    }
    return { query: panel, query_text: text, rank, found: nearest, margin: right - nearestOther };
  });
}

/**
 * Chooses the sheets of a task: the best (found at once, with the largest margin), the worst (the largest ranks), and some at
 * random. The random ones depend on the seed and the task alone, so that all contenders show the same queries.
 */
export function chooseSheets(
  task: RetrievalTask,
  candidates: readonly SheetCandidate[],
  seed: number,
): NeighbourSheet[] {
  const byId = candidates.toSorted((a, b) => (a.query < b.query ? -1 : 1));
  const best = byId.filter(({ rank }) => rank === 1).sort((a, b) => b.margin - a.margin);
  const worst = byId.filter(({ rank }) => rank > 1).sort((a, b) => b.rank - a.rank || a.margin - b.margin);
  const random = new CounterRandom('sheets', task, seed).shuffled(byId);
  const choices = [
    { choice: 'best', chosen: best },
    { choice: 'worst', chosen: worst },
    { choice: 'random', chosen: random },
  ] as const;
  return choices.flatMap(({ choice, chosen }) =>
    chosen
      .slice(0, SHEETS_PER_CHOICE)
      .map(({ margin: _, ...sheet }) => ({ task, choice, ...sheet, found: sheet.found.map(rounded) })),
  );
}

/** Digits that nobody reads would only make the file larger. */
function rounded({ panel, cosine }: NeighbourSheet['found'][number]) {
  return { panel, cosine: Math.round(cosine * 1e4) / 1e4 };
}
