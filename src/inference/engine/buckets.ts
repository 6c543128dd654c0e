/** Consecutive rows that run together: `count` of them, padded to `size`. */
export interface RowChunk {
  readonly start: number;
  readonly count: number;
  readonly size: number;
}

/** Powers of two from `smallest` up to the first that holds `largest`: 2, 4, 8 for 2 and 8. */
export function bucketSizes(minSize: number, maxSize: number): number[] {
  const sizes = [minSize];
  while (sizes.at(-1)! < maxSize) sizes.push(sizes.at(-1)! * 2);
  return sizes;
}

/** The smallest bucket that holds `count`, or the largest there is. */
export function bucketFor(count: number, sizes: readonly number[]): number {
  return sizes.find((size) => size >= count) ?? sizes.at(-1)!;
}

/**
 * Cuts rows into buckets, so that only shapes ever run that were warmed. `exact` wastes nothing (7 = 4 + 2 + 1), right
 * where a run's cost grows with its rows; `pad` makes the fewest runs (7 -> 8), right where one run has a fixed price.
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
