import { cosineSimilarity } from '../../src/embedding/cosine-similarity.ts';

/** How near two matrices of the same rows are to each other. */
export interface Similarity {
  /** Of the row that has turned most */
  readonly minCosine: number;
  /** Of one number */
  readonly maxDifference: number;
}

export function similarity(a: readonly number[], b: readonly number[], rows: number): Similarity {
  const width = a.length / rows;
  const row = (values: readonly number[], i: number) => values.slice(i * width, (i + 1) * width);
  const cosines = Array.from({ length: rows }, (_, i) => cosineSimilarity(row(a, i), row(b, i)));
  const largestDifference = a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
  return { minCosine: Math.min(...cosines), maxDifference: largestDifference };
}
