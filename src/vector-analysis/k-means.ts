import { kmeans } from 'ml-kmeans';
import { sum } from '../util/arrays.ts';
import { CounterRandom } from '../util/counter-random.ts';
import { squaredDistanceOfRows, type VectorRows, vectorOf } from './vector-rows.ts';

/** k-means ends in a local optimum: the best of some starts is taken. */
const STARTS = 5;
const MAX_ITERATIONS = 300;

/** The cluster of each row, from 0: k-means with k-means++ starts, seeded. @throws RangeError for fewer different vectors than k */
export function clusterRows(vectors: VectorRows, rows: readonly number[], k: number, seed: number): number[] {
  if (countDifferent(vectors, rows, k) < k) throw new RangeError(`there are fewer than ${k} different vectors`);
  const data = rows.map((row) => [...vectorOf(vectors, row)]);
  let best: { readonly clusters: number[]; readonly error: number } | undefined;
  for (let start = 0; start < STARTS; start++) {
    // Those of the library copy each row for each distance, which takes longer than all iterations.
    const centers = chooseCenters(vectors, rows, k, new CounterRandom(seed, 'k-means', start));
    const initialization = centers.map((center) => [...vectorOf(vectors, center)]);
    const result = kmeans(data, k, { initialization, maxIterations: MAX_ITERATIONS });
    const error = result.computeInformation(data).reduce((sum, cluster) => sum + cluster.error * cluster.size, 0);
    if (best === undefined || error < best.error) best = { clusters: [...result.clusters], error };
  }
  return best?.clusters ?? [];
}

/**
 * Rows that lie far apart, by k-means++ (Arthur and Vassilvitskii 2007): each is the best of some rows that are drawn with a
 * probability in proportion to the squared distance to the nearest row so far.
 */
function chooseCenters(vectors: VectorRows, rows: readonly number[], k: number, random: CounterRandom): number[] {
  const trials = 2 + Math.floor(Math.log(k));
  let draw = 0;
  const first = rows[random.integer(draw++, rows.length)] ?? -1;
  const centers = [first];
  let distances = rows.map((row) => squaredDistanceOfRows(vectors, first, row));
  while (centers.length < k) {
    let best: { readonly row: number; readonly distances: number[]; readonly potential: number } | undefined;
    for (let trial = 0; trial < trials; trial++) {
      const row = rows[drawIndex(distances, random.uniform(draw++))] ?? -1;
      const nearer = distances.map((distance, i) =>
        Math.min(distance, squaredDistanceOfRows(vectors, row, rows[i] ?? -1)),
      );
      const potential = sum(nearer);
      if (best === undefined || potential < best.potential) best = { row, distances: nearer, potential };
    }
    if (best === undefined) break;
    centers.push(best.row);
    distances = best.distances;
  }
  return centers;
}

/** Draws an index with a probability in proportion to its weight. @param uniform in [0, 1) */
function drawIndex(weights: readonly number[], uniform: number): number {
  let rest = uniform * sum(weights);
  for (const [i, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return i;
  }
  return weights.length - 1;
}

/** The number of different vectors, counted up to a limit. */
export function countDifferent(vectors: VectorRows, rows: readonly number[], limit: number): number {
  const different = new Set<string>();
  for (const row of rows) {
    // Float32 noise does not make a vector different.
    different.add(Array.from(vectorOf(vectors, row), (value) => value.toFixed(5)).join());
    if (different.size >= limit) break;
  }
  return different.size;
}
