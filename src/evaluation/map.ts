import { elementAt } from '../util/arrays.ts';
import { CounterRandom } from '../util/counter-random.ts';
import { cosineSimilarity } from '../util/vectors.ts';
import { layOutByUmap, type Neighbours } from '../vector-analysis/umap-layout.ts';
import type { ContenderResult } from './evaluation-result.ts';

/** The default of UMAP: how many panels around a panel decide its place. */
const NEIGHBOURS = 15;
/** With fewer panels a map shows nothing. */
const MIN_PANELS = 10;
/** Time grows with the square of the number of panels, and more points than this cover each other. */
const MAX_PANELS = 2000;

export interface MapInput {
  readonly panels: readonly string[];
  /** Unit vectors, one row for each panel */
  readonly vectors: Float32Array;
  readonly seed: number;
}

/**
 * The 2-D map of vectors by UMAP, over their cosine distances. The same input gives the same map. Of too many panels, some are
 * drawn at random; of too few there is no map. All vectors must be of one space: those of models of different folds are not.
 */
export function makeMap({ panels, vectors, seed }: MapInput): ContenderResult['map'] {
  if (panels.length < MIN_PANELS) return null;
  const chosen = choosePanels(panels.length, seed);
  const dimensions = vectors.length / panels.length;
  const rows = chosen.map((row) => vectors.subarray(row * dimensions, (row + 1) * dimensions));
  const neighbours = findNeighbours(rows, Math.min(NEIGHBOURS, rows.length - 1));
  const places = layOutByUmap(neighbours, new CounterRandom('map', seed));
  return {
    panels: chosen.map((row) => elementAt(panels, row)),
    x: places.map(([x]) => roundCoordinate(x)),
    y: places.map(([, y]) => roundCoordinate(y)),
  };
}

function choosePanels(count: number, seed: number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (count <= MAX_PANELS) return all;
  const shuffled = new CounterRandom('map panels', seed).shuffled(all);
  return shuffled.slice(0, MAX_PANELS).sort((a, b) => a - b);
}

/** The nearest rows of each row, itself among them with distance 0, as UMAP expects them. */
function findNeighbours(rows: readonly Float32Array[], count: number): Neighbours {
  const neighbours = rows.map((row, i) => {
    const distances = rows.map((other, j) => (i === j ? 0 : Math.max(0, 1 - cosineSimilarity(row, other))));
    // A row comes before its equals, the others in their order.
    const isItself = (j: number) => Number(j === i);
    const compare = (a: number, b: number) =>
      elementAt(distances, a) - elementAt(distances, b) || isItself(b) - isItself(a);
    const indexes = Array.from(rows.keys()).sort(compare).slice(0, count);
    return { indexes, distances: indexes.map((j) => elementAt(distances, j)) };
  });
  return { indexes: neighbours.map((n) => n.indexes), distances: neighbours.map((n) => n.distances) };
}

/** A thousandth of the unit of UMAP cannot be seen. */
function roundCoordinate(value: number): number {
  return Math.round(value * 1000) / 1000;
}
