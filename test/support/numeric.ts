import assert from 'node:assert/strict';
import { cosineSimilarity } from '../../src/util/vectors.ts';
import { mulberry32 } from './mulberry32.ts';

/** Largest difference of two elements; NaN if an element is. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // A NaN compares false with everything, so it must not slip through as "no larger".
    if (!(difference <= max)) max = difference;
  }
  return max;
}

/** Cosine similarity of two vectors of the same length; NaN if either is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  return cosineSimilarity(a, b);
}

/** Makes a generator of seeded numbers in [-1, 1). */
export function seeded(seed: number): () => number {
  const random = mulberry32(seed);
  return () => 2 * random() - 1;
}

/** Draws seeded bytes, which no compression makes smaller. */
export function seededBytes(length: number, seed: number): Buffer {
  const random = mulberry32(seed);
  return Buffer.from(Uint8Array.from({ length }, () => 256 * random()));
}
