import assert from 'node:assert/strict';
import { mulberry32 } from './mulberry32.ts';

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

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

/** Seeded numbers in [-1, 1). */
export function seeded(seed: number): () => number {
  const random = mulberry32(seed);
  return () => 2 * random() - 1;
}

/** Seeded bytes, which no compression makes smaller. */
export function seededBytes(length: number, seed: number): Buffer {
  const random = mulberry32(seed);
  return Buffer.from(Uint8Array.from({ length }, () => 256 * random()));
}
