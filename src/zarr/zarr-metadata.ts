import { canonicalJson, escapeNonAscii, type JsonObject } from '../util/json.ts';
import { PAGES_PER_CHUNK, type StoreShape } from './store-shape.ts';

export const EMBEDDINGS = 'panel_embeddings';
export const MASKS = 'panel_masks';

/** The metadata files of a store by their paths in its folder. Source: the Zarr v2 specification. */
export function storeMetadata(
  { pages, panels, dimensions }: StoreShape,
  attributes: JsonObject,
): ReadonlyMap<string, Buffer> {
  return new Map(
    // The group comes last: once the folder can be opened as one, it has its arrays.
    Object.entries({
      [`${EMBEDDINGS}/.zarray`]: arrayMetadata('<f4', 0, [pages, panels, dimensions]),
      [`${MASKS}/.zarray`]: arrayMetadata('|b1', false, [pages, panels]),
      '.zattrs': attributes,
      '.zgroup': { zarr_format: 2 },
    }).map(([file, metadata]) => [file, encodeJson(metadata)]),
  );
}

function arrayMetadata(dtype: string, fillValue: unknown, shape: readonly number[]): JsonObject {
  return {
    zarr_format: 2,
    shape,
    chunks: [PAGES_PER_CHUNK, ...shape.slice(1)],
    dtype,
    fill_value: fillValue,
    order: 'C',
    filters: null,
    compressor: { id: 'zstd', level: 1 },
  };
}

/** In ASCII: zarr-python 2 reads no other JSON. */
function encodeJson(value: JsonObject): Buffer {
  return Buffer.from(`${escapeNonAscii(canonicalJson(value, 4))}\n`);
}
