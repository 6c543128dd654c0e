import assert from 'node:assert/strict';
import { FetchStore, FileSystemStore } from '@zarrita/storage';
import { get, open, root, slice } from 'zarrita';
import { PAGES_PER_CHUNK, pagesInChunk, type StoreShape } from '../../src/zarr/store-shape.ts';

export interface ReadStore {
  readonly shape: StoreShape;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Reads the pages of a chunk without padding: (pages, panels, dimensions) and (pages, panels). */
  readChunk(chunk: number): Promise<{ readonly embeddings: Float32Array; readonly masks: Uint8Array }>;
}

/** Opens a store of embeddings, a folder or a URL, with zarrita, as a reader that knows nothing of this project. */
export async function readZarrStore(source: string | URL): Promise<ReadStore> {
  const location = root(source instanceof URL ? new FetchStore(source) : new FileSystemStore(source));
  const group = await open.v2(location, { kind: 'group' });
  const embeddings = await open.v2(location.resolve('panel_embeddings'), { kind: 'array' });
  const masks = await open.v2(location.resolve('panel_masks'), { kind: 'array' });
  assert.ok(embeddings.is('float32') && masks.is('bool'));
  const [pages, panels, dimensions, ...rest] = embeddings.shape;
  assert.ok(pages !== undefined && panels !== undefined && dimensions !== undefined && rest.length === 0);
  assert.deepEqual(masks.shape, [pages, panels]);
  const shape = { pages, panels, dimensions };
  return {
    shape,
    attributes: group.attrs,
    async readChunk(chunk) {
      const start = chunk * PAGES_PER_CHUNK;
      const rows = slice(start, start + pagesInChunk(shape, chunk));
      const { data } = await get(embeddings, [rows, null, null]);
      const { data: flags } = await get(masks, [rows, null]);
      return { embeddings: Float32Array.from(data), masks: Uint8Array.from(flags, Number) };
    },
  };
}
