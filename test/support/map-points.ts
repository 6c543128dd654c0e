import type { MapPoints } from '../../src/collections/map/map-points.ts';

/** Reads the points of a map as docs/search.md describes them. */
export function decodeMapPoints(bytes: Buffer): MapPoints {
  const n = bytes.readUInt32LE(4);
  const column = <T>(offset: number, read: (index: number) => T) =>
    Array.from({ length: n }, (_, i) => read(offset + i));
  return {
    ids: column(0, (i) => bytes.toString('hex', 8 + 8 * n + 8 * i, 16 + 8 * n + 8 * i)),
    places: Float32Array.from({ length: 2 * n }, (_, i) => bytes.readFloatLE(8 + 4 * i)),
    books: Uint16Array.from({ length: n }, (_, i) => bytes.readUInt16LE(8 + 16 * n + 2 * i)),
    pageTypes: Uint8Array.from(bytes.subarray(8 + 18 * n, 8 + 19 * n)),
    clusters: Uint8Array.from(bytes.subarray(8 + 19 * n, 8 + 20 * n)),
  };
}
