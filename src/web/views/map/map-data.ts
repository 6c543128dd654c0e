import type { MapResponse } from '../../../http/routes/collections/map-schemas.ts';
import { getBytes } from '../../api/client.ts';
import { getMap } from '../../api/collections.ts';

const LAYOUT_VERSION = 1;
const HEADER_BYTES = 8;
const ID_BYTES = 8;

/** The points of a map, as columns over the bytes that the service sent. */
export interface MapPoints {
  readonly count: number;
  /** x and y of each */
  readonly places: Float32Array<ArrayBuffer>;
  readonly books: Uint16Array;
  readonly pageTypes: Uint8Array;
  readonly clusters: Uint8Array;
  idOf(index: number): string;
  /** The point of a panel; -1 where it is not on the map */
  indexOf(id: string): number;
}

export interface MapData {
  readonly map: MapResponse;
  readonly points: MapPoints;
}

export async function loadMap(collection: string, signal: AbortSignal): Promise<MapData> {
  const map = await getMap(collection, signal);
  return { map, points: decodeMapPoints(await getBytes(map.points_url, { signal })) };
}

/** Reads what GET /v1/collections/{collection}/map/points sends. All columns begin where a typed array may begin. */
export function decodeMapPoints(bytes: ArrayBuffer): MapPoints {
  const header = new DataView(bytes, 0, HEADER_BYTES);
  if (header.getUint32(0, true) !== LAYOUT_VERSION)
    throw new Error('The service has another version than this page. Load the page again.');
  const count = header.getUint32(4, true);
  const idsAt = HEADER_BYTES + 8 * count;
  const booksAt = idsAt + ID_BYTES * count;
  const ids = new DataView(bytes, idsAt, ID_BYTES * count);
  const idOf = (index: number) =>
    ids
      .getBigUint64(ID_BYTES * index)
      .toString(16)
      .padStart(16, '0');
  let indexes: Map<string, number> | undefined;
  return {
    count,
    places: new Float32Array(bytes, HEADER_BYTES, 2 * count),
    books: new Uint16Array(bytes, booksAt, count),
    pageTypes: new Uint8Array(bytes, booksAt + 2 * count, count),
    clusters: new Uint8Array(bytes, booksAt + 3 * count, count),
    idOf,
    indexOf(id) {
      indexes ??= new Map(Array.from({ length: count }, (_, index) => [idOf(index), index]));
      return indexes.get(id) ?? -1;
    },
  };
}
