/** The bound on the memory of one engine process: bytes, 0 for none, or a multiple of what it takes when it is warm. */
export type MaxEngineBytes = number | 'auto';

const AUTO_FACTOR = 4;
/** Small engines grow by more than a factor: a page of many pictures alone takes some hundred megabytes. */
const MIN_AUTO_GROWTH_BYTES = 2 ** 30;
/** With less room an engine would be replaced after each batch. */
const MIN_FACTOR = 1.5;

/** The bytes that an engine may have. @param startBytes what it had when it was warm */
export function allowedBytes(maxBytes: MaxEngineBytes, startBytes: number): number {
  if (maxBytes === 'auto') return Math.max(AUTO_FACTOR * startBytes, startBytes + MIN_AUTO_GROWTH_BYTES);
  return maxBytes === 0 ? Number.POSITIVE_INFINITY : Math.max(maxBytes, MIN_FACTOR * startBytes);
}

/** Whether another engine may start beside one that takes `startBytes` when it is warm. */
export function hasRoomForAnother(startBytes: number): boolean {
  return process.availableMemory() >= 2 * startBytes;
}
