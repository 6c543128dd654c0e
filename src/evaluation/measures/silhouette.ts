import { squaredDistanceOfRows } from '../../vector-analysis/vector-rows.ts';
import type { ViewVectors } from './measured-panels.ts';

/**
 * The silhouette of each row by Euclidean distance (Rousseeuw 1987): how much nearer its own cluster is than the next one. Zero
 * for a row that is alone in its cluster.
 * @param clusters of each of `rows`, from 0
 */
export function silhouettes(vectors: ViewVectors, rows: readonly number[], clusters: readonly number[]): number[] {
  const sizes: number[] = [];
  for (const cluster of clusters) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  return rows.map((row, i) => {
    const own = clusters[i] ?? -1;
    const sums = sizes.map(() => 0);
    for (const [j, other] of rows.entries()) {
      const cluster = clusters[j] ?? -1;
      if (i !== j) sums[cluster] = (sums[cluster] ?? 0) + Math.sqrt(squaredDistanceOfRows(vectors, row, other));
    }
    const ownSize = sizes[own] ?? 0;
    if (ownSize < 2) return 0;
    const inside = (sums[own] ?? 0) / (ownSize - 1);
    const outside = Math.min(
      ...sums.flatMap((sum, cluster) => (cluster === own || !sizes[cluster] ? [] : [sum / sizes[cluster]])),
    );
    const larger = Math.max(inside, outside);
    return larger === 0 ? 0 : (outside - inside) / larger;
  });
}
