/** Consecutive rows that run together: `count` of them, padded to `size`. */
export interface RowChunk {
  readonly start: number;
  readonly count: number;
  readonly size: number;
}

/** Doubles from `minSize` up to the first size that holds `maxSize`: 2, 4, 8 for 2 and 8. */
export function bucketSizes(minSize: number, maxSize: number): number[] {
  const sizes = [minSize];
  for (let size = minSize; size < maxSize; ) {
    size *= 2;
    sizes.push(size);
  }
  return sizes;
}

/** The smallest bucket that holds `count`, or the largest there is. */
export function bucketFor(count: number, sizes: readonly number[]): number {
  return sizes.find((size) => size >= count) ?? Math.max(...sizes);
}

/**
 * Cuts rows into buckets, so that only shapes run that were warmed. `exact` wastes nothing (7 = 4 + 2 + 1), which is right
 * where the cost of a run grows with its rows. `pad` makes the fewest runs (7 -> 8), which is right where a run has a fixed
 * price.
 */
export function cutIntoBuckets(count: number, sizes: readonly number[], strategy: 'exact' | 'pad'): RowChunk[] {
  const chunks: RowChunk[] = [];
  for (let start = 0; start < count; ) {
    const remaining = count - start;
    const fittingSize = sizes.findLast((size) => size <= remaining);
    const size = strategy === 'pad' || fittingSize === undefined ? bucketFor(remaining, sizes) : fittingSize;
    chunks.push({ start, count: Math.min(remaining, size), size });
    start += size;
  }
  return chunks;
}
