import { kmeans } from 'ml-kmeans';
import type { ViewVectors } from './measured-panels.ts';
import { vectorOf } from './vector-rows.ts';

/** k-means ends in a local optimum: the best of some starts is taken. */
const STARTS = 5;
const MAX_ITERATIONS = 300;

/** The cluster of each row, from 0: k-means with k-means++ starts, seeded. @throws RangeError for fewer different vectors than k */
export function clusterRows(vectors: ViewVectors, rows: readonly number[], k: number, seed: number): number[] {
  const data = rows.map((row) => [...vectorOf(vectors, row)]);
  if (countDifferent(data, k) < k) throw new RangeError(`there are fewer than ${k} different vectors`);
  let best: { readonly clusters: number[]; readonly error: number } | undefined;
  for (let start = 0; start < STARTS; start++) {
    const result = kmeans(data, k, { seed: seed + start, maxIterations: MAX_ITERATIONS });
    const error = result.computeInformation(data).reduce((sum, cluster) => sum + cluster.error * cluster.size, 0);
    if (best === undefined || error < best.error) best = { clusters: [...result.clusters], error };
  }
  return best?.clusters ?? [];
}

/** The number of different vectors, counted up to a limit. */
export function countDifferent(data: readonly (readonly number[])[], limit: number): number {
  const different = new Set<string>();
  for (const vector of data) {
    // Float32 noise does not make a vector different.
    different.add(vector.map((value) => value.toFixed(5)).join());
    if (different.size >= limit) break;
  }
  return different.size;
}
