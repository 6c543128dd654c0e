import { elementAt } from '../../../util/arrays.ts';
import { clusterRows, countDifferent } from '../../../vector-analysis/k-means.ts';
import { type VectorRows, vectorOf } from '../../../vector-analysis/vector-rows.ts';

/** As many as a reader tells apart, by colour and in a list */
const MAX_CLUSTERS = 8;
/** Centres of a few clusters are known well from so many rows, and the time grows with their number. */
const MAX_SAMPLE = 1000;

/** Centres of clusters, by k-means over the first rows: half the square root of their number, 8 at most. */
export function findClusterCentres(vectors: VectorRows, seed: number): Float32Array[] {
  const count = Math.min(MAX_SAMPLE, vectors.values.length / vectors.dimensions);
  const rows = Array.from({ length: count }, (_, row) => row);
  const wanted = Math.min(MAX_CLUSTERS, Math.max(1, Math.round(Math.sqrt(count) / 2)));
  const k = Math.min(wanted, countDifferent(vectors, rows, wanted));
  const clusters = clusterRows(vectors, rows, k, seed);
  const centres = Array.from({ length: k }, () => new Float32Array(vectors.dimensions));
  const sizes = new Float64Array(k);
  for (const cluster of clusters) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  for (const [row, cluster] of clusters.entries()) {
    const centre = elementAt(centres, cluster);
    const vector = vectorOf(vectors, row);
    for (let i = 0; i < centre.length; i++) centre[i] = (centre[i] ?? 0) + (vector[i] ?? 0) / elementAt(sizes, cluster);
  }
  return centres;
}

/** The nearest centre of a vector, with the squared distance to it. */
export function nearestCentre(
  vector: Float32Array,
  centres: readonly Float32Array[],
): [cluster: number, distance: number] {
  let [nearest, smallest] = [0, Number.POSITIVE_INFINITY];
  for (const [cluster, centre] of centres.entries()) {
    let distance = 0;
    for (let i = 0; i < vector.length; i++) distance += ((vector[i] ?? 0) - (centre[i] ?? 0)) ** 2;
    if (distance < smallest) [nearest, smallest] = [cluster, distance];
  }
  return [nearest, smallest];
}
