/** The smallest sample that at least this share of all do not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/**
 * Panels per second from the times (ms) of answers. They come a batch at a time, so a window's count is off by up to a
 * batch at either end; the time between an answer and the one that is whole batches later is not.
 */
export function ratePerSecond(responseTimes: readonly number[], batch: number): number {
  const count = Math.floor((responseTimes.length - 1) / batch) * batch;
  if (count <= 0) throw new Error(`${responseTimes.length} answers are too few to measure: lengthen the window`);
  return count / ((responseTimes[count]! - responseTimes[0]!) / 1000);
}
