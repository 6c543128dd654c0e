import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { firstLine, PanelvecError } from '../errors.ts';
import { pagesInChunk, type StoreShape } from './store-shape.ts';
import { chunkFile } from './zarr-chunk.ts';
import { ATTRIBUTES, EMBEDDINGS } from './zarr-metadata.ts';

const decompressAsync = promisify(zstdDecompress);

const arraySchema = z.object({ shape: z.tuple([z.int(), z.int(), z.int()]), dtype: z.literal('<f4') });
const attributesSchema = z.object({ model: z.string(), space: z.string() });

/** A store to read: its shape, and what its vectors are. */
export interface ReadableZarrStore {
  readonly folder: string;
  readonly shape: StoreShape;
  readonly model: string;
  readonly space: string;
}

/** Opens a store that an embed job has written. @throws PanelvecError dataset_invalid if its metadata cannot be read */
export async function openZarrStore(folder: string): Promise<ReadableZarrStore> {
  const array = await readMetadata(path.join(folder, EMBEDDINGS, '.zarray'), arraySchema);
  const { model, space } = await readMetadata(path.join(folder, ATTRIBUTES), attributesSchema);
  const [pages, panels, dimensions] = array.shape;
  return { folder, shape: { pages, panels, dimensions }, model, space };
}

/** Reads the vectors of a chunk: (pages of the chunk, panels, dimensions). @throws PanelvecError dataset_invalid if it is damaged */
export async function readChunkVectors({ folder, shape }: ReadableZarrStore, chunk: number): Promise<Float32Array> {
  const file = path.join(folder, chunkFile(EMBEDDINGS, chunk));
  const length = pagesInChunk(shape, chunk) * shape.panels * shape.dimensions;
  try {
    const { buffer, byteOffset, byteLength } = await decompressAsync(await readFile(file));
    if (byteLength < length * Float32Array.BYTES_PER_ELEMENT) throw new Error(`${byteLength} bytes are too few`);
    return new Float32Array(buffer.slice(byteOffset, byteOffset + length * Float32Array.BYTES_PER_ELEMENT));
  } catch (cause) {
    throw new PanelvecError('dataset_invalid', `${file} cannot be read: ${firstLine(cause)}`, { cause });
  }
}

async function readMetadata<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new PanelvecError('dataset_invalid', `${file} cannot be read: ${firstLine(cause)}`, { cause });
  }
}
