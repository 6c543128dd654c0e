/**
 * Frees the buffers of arrays that nobody uses any more, at once. V8 would find them when it marks the whole heap, for which 9 MB of
 * buffers are reason enough in a thread of few objects: where messages are pictures, it would do so all the time.
 */
export function freeBuffers(arrays: Iterable<ArrayBufferView | null>): void {
  // Arrays may be parts of one buffer.
  const buffers = new Set([...arrays].map((array) => array?.buffer));
  for (const buffer of buffers) {
    // Smaller ones may be the pool of small buffers, which others use too.
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
  }
}
