/** The version of the layout, so that a page that was loaded before an update does not misread the points. */
const LAYOUT_VERSION = 1;
const HEADER_BYTES = 8;
const ID_BYTES = 8;
/** x and y, id, book, page type, cluster */
const POINT_BYTES = 8 + ID_BYTES + 2 + 1 + 1;

/** A book or page type that is not in the legend: there are more than fit. */
export const OTHER_BOOK = 0xffff;
export const OTHER_PAGE_TYPE = 0xff;

/** The points of a map, a column for each of their properties. */
export interface MapPoints {
  /** As 16 hexadecimal digits */
  readonly ids: readonly string[];
  /** x and y of each point */
  readonly places: Float32Array;
  readonly books: Uint16Array;
  readonly pageTypes: Uint8Array;
  readonly clusters: Uint8Array;
}

/**
 * The points as they are stored and sent. All numbers are little-endian: the version of the layout and the number of points n as
 * uint32; x and y of each point as float32; n ids of 8 bytes; n books as uint16; n page types and n clusters as uint8. Each column
 * begins where a typed array may begin.
 */
export function encodeMapPoints({ ids, places, books, pageTypes, clusters }: MapPoints): Buffer {
  const n = ids.length;
  const bytes = Buffer.alloc(HEADER_BYTES + n * POINT_BYTES);
  bytes.writeUInt32LE(LAYOUT_VERSION, 0);
  bytes.writeUInt32LE(n, 4);
  let offset = HEADER_BYTES;
  for (const value of places) offset = bytes.writeFloatLE(value, offset);
  for (const id of ids) offset += bytes.write(id, offset, ID_BYTES, 'hex');
  for (const book of books) offset = bytes.writeUInt16LE(book, offset);
  bytes.set(pageTypes, offset);
  bytes.set(clusters, offset + n);
  return bytes;
}
