import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { PanelvecError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import type { ZarrStore } from './create-zarr-store.ts';
import { PAGES_PER_CHUNK, pagesInChunk } from './store-shape.ts';
import { EMBEDDINGS, MASKS } from './zarr-metadata.ts';

const compressAsync = promisify(zstdCompress);

/**
 * Writes the pages of one chunk; the last chunk is padded to its full size. The masks are written last: their file marks the
 * chunk as finished. The same content gives the same bytes.
 * @param embeddings (pages of the chunk, panels, dimensions); rows without a panel are zero
 * @param masks (pages of the chunk, panels), 1 where there is a panel, else 0
 * @throws PanelvecError if an array has another length or other values, or a file cannot be written
 */
export async function writeChunk(
  { folder, shape, scratch }: ZarrStore,
  chunk: number,
  embeddings: Float32Array,
  masks: Uint8Array,
): Promise<void> {
  const { panels, dimensions } = shape;
  const rows = pagesInChunk(shape, chunk) * panels;
  assertLength('embeddings', embeddings, rows * dimensions);
  assertLength('masks', masks, rows);
  assertMaskedRowsAreZero(embeddings, masks, dimensions);
  const paddedEmbeddings = new Float32Array(PAGES_PER_CHUNK * panels * dimensions);
  paddedEmbeddings.set(embeddings);
  const paddedMasks = new Uint8Array(PAGES_PER_CHUNK * panels);
  paddedMasks.set(masks);
  const compressedEmbeddings = await compressChunk(new Uint8Array(paddedEmbeddings.buffer));
  await writeFileAtomic(path.join(folder, chunkFile(EMBEDDINGS, chunk)), compressedEmbeddings, scratch);
  await writeFileAtomic(path.join(folder, chunkFile(MASKS, chunk)), await compressChunk(paddedMasks), scratch);
}

/** Whether a chunk is finished. @throws PanelvecError if the store has no such chunk */
export function hasChunk({ folder, shape }: Pick<ZarrStore, 'folder' | 'shape'>, chunk: number): boolean {
  pagesInChunk(shape, chunk);
  return existsSync(path.join(folder, chunkFile(MASKS, chunk)));
}

/** Removes a chunk, first the file that marks it as finished. */
export async function removeChunk({ folder }: Pick<ZarrStore, 'folder'>, chunk: number): Promise<void> {
  for (const file of [chunkFile(MASKS, chunk), chunkFile(EMBEDDINGS, chunk)])
    await rm(path.join(folder, file), { force: true });
}

/** A chunk file is named after its index in every dimension; only pages are split. */
export function chunkFile(array: typeof EMBEDDINGS | typeof MASKS, chunk: number): string {
  return array === EMBEDDINGS ? `${EMBEDDINGS}/${chunk}.0.0` : `${MASKS}/${chunk}.0`;
}

/** A chunk's elements as one zstd frame. Runs on libuv's threads. */
function compressChunk(elements: Uint8Array): Promise<Buffer> {
  return compressAsync(elements, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    // Puts the size into the frame's header: numcodecs refuses a frame without it.
    pledgedSrcSize: elements.byteLength,
  });
}

function assertLength(arrayName: string, { length }: Float32Array | Uint8Array, expected: number): void {
  if (length !== expected) throw new PanelvecError('internal', `a chunk of ${expected} ${arrayName} has ${length}`);
}

function assertMaskedRowsAreZero(embeddings: Float32Array, masks: Uint8Array, dimensions: number): void {
  for (const [row, mask] of masks.entries()) {
    if (mask > 1) throw new PanelvecError('internal', `row ${row} of a chunk has the mask ${mask}`);
    if (mask === 1) continue;
    const vector = embeddings.subarray(row * dimensions, (row + 1) * dimensions);
    if (vector.some((value) => value !== 0)) {
      throw new PanelvecError('internal', `row ${row} of a chunk is masked out and not zero`);
    }
  }
}
