import { canonicalJson, escapeNonAscii, type JsonObject } from '../util/json.ts';
import { PAGES_PER_CHUNK, type StoreShape } from './store-shape.ts';

export const EMBEDDINGS = 'panel_embeddings';
export const MASKS = 'panel_masks';

/** The attributes of the store. */
export const ATTRIBUTES = '.zattrs';
/** The files that make the folder a group. Without them no reader opens it. */
export const GROUP_FILES: readonly string[] = ['.zgroup', '.zmetadata'];

/**
 * The metadata files of a store by their paths in its folder, the group last. Sources: the Zarr v2 specification; xarray for
 * the names of the dimensions; zarr-python for the consolidated metadata, which saves a reader over HTTP all other requests.
 */
export function storeMetadata(
  { pages, panels, dimensions }: StoreShape,
  attributes: JsonObject,
): ReadonlyMap<string, Buffer> {
  // xarray takes values that equal the fill value for missing, and shows NaN in their place. So no value may equal it: zero is
  // the vector of an absent panel, and no boolean is free.
  const metadata: Record<string, JsonObject> = {
    [`${EMBEDDINGS}/.zarray`]: arrayMetadata('<f4', 'NaN', [pages, panels, dimensions]),
    [`${EMBEDDINGS}/.zattrs`]: { _ARRAY_DIMENSIONS: ['page', 'panel', 'dimension'] },
    [`${MASKS}/.zarray`]: arrayMetadata('|b1', null, [pages, panels]),
    [`${MASKS}/.zattrs`]: { _ARRAY_DIMENSIONS: ['page', 'panel'] },
    [ATTRIBUTES]: attributes,
    '.zgroup': { zarr_format: 2 },
  };
  const files = { ...metadata, '.zmetadata': { zarr_consolidated_format: 1, metadata } };
  return new Map(Object.entries(files).map(([file, content]) => [file, encodeJson(content)]));
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
