import { UMAP } from 'umap-js';
import { PanelvecError } from '../errors.ts';
import type { CounterRandom } from '../util/counter-random.ts';

/** The nearest rows of each row, itself first, as UMAP expects them: all of one length. */
export interface Neighbours {
  readonly indexes: readonly (readonly number[])[];
  readonly distances: readonly (readonly number[])[];
}

export type Place = readonly [x: number, y: number];

/**
 * Places in two dimensions by UMAP, in which near neighbours stay near.
 * @param start where each row begins; at random by default, which keeps less of how groups lie to each other
 */
export function layOutByUmap(neighbours: Neighbours, random: CounterRandom, start?: readonly Place[]): Place[] {
  let draw = 0;
  const umap = new UMAP({ nNeighbors: neighbours.indexes[0]?.length ?? 0, random: () => random.uniform(draw++) });
  // The library would look for neighbours approximately, and with a distance of plain arrays.
  umap.setPrecomputedKNN(
    neighbours.indexes.map((row) => [...row]),
    neighbours.distances.map((row) => [...row]),
  );
  // With known neighbours it only counts the vectors.
  const epochs = umap.initializeFit(neighbours.indexes.map(() => []));
  const places = umap.getEmbedding();
  for (const [row, place] of (start ?? []).entries()) places[row]?.splice(0, 2, ...place);
  for (let epoch = 0; epoch < epochs; epoch++) umap.step();
  return umap.getEmbedding().map(([x, y]) => {
    if (!Number.isFinite(x) || !Number.isFinite(y) || x === undefined || y === undefined)
      throw new PanelvecError('internal', 'UMAP gave no place for a panel');
    return [x, y];
  });
}
