import { mean } from '../util/arrays.ts';
import { cosineSimilarity } from '../util/vectors.ts';

/** How well snapshots find the pictures that they were taken of. */
export interface SnapshotRetrieval {
  readonly recallAt1: number;
  /** Mean of 1 / rank */
  readonly mrr: number;
  readonly count: number;
}

/** Each snapshot searches among all pictures for that at its index. */
export function measureSnapshotRetrieval(
  pictures: readonly Float32Array[],
  snapshots: readonly Float32Array[],
): SnapshotRetrieval {
  const ranks = snapshots.map((snapshot, i) => {
    const cosines = pictures.map((picture) => cosineSimilarity(snapshot, picture));
    return 1 + cosines.filter((cosine) => cosine > (cosines[i] ?? Number.NaN)).length;
  });
  return {
    recallAt1: mean(ranks.map((rank) => (rank === 1 ? 1 : 0))),
    mrr: mean(ranks.map((rank) => 1 / rank)),
    count: ranks.length,
  };
}
