import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { oneLine, PanelvecError } from '../errors.ts';
import { embeddingsFile, masksFile } from './chunk.ts';
import { decompressChunk } from './chunk-bytes.ts';
import { EMBEDDINGS, embeddingsArray, isObject, type JsonObject, MASKS, masksArray } from './description.ts';
import { readIfAny } from './read-if-any.ts';
import { PAGES_PER_CHUNK, pagesInChunk, type StoreShape } from './store-shape.ts';

/** The pages of a chunk, without what fills up the last one. */
export interface Chunk {
  /** (pages of the chunk, panels, dimensions) */
  readonly embeddings: Float32Array;
  /** (pages of the chunk, panels), 1 or 0 */
  readonly masks: Uint8Array;
}

export interface OpenedStore {
  readonly folder: string;
  readonly shape: StoreShape;
  readonly attributes: JsonObject;
  /** A chunk of which there are no files has the fill values, as the specification says. @throws PanelvecError */
  readChunk(chunk: number): Promise<Chunk>;
}

/**
 * Opens a store of this form, whoever wrote it.
 * @throws PanelvecError where the folder holds none, or arrays of another shape, type, order or compression
 */
export async function openStore(folder: string): Promise<OpenedStore> {
  const group = await readJson(folder, '.zgroup');
  if (group?.['zarr_format'] !== 2) throw invalid(folder, 'is no Zarr group of version 2');
  const embeddings = await readJson(folder, `${EMBEDDINGS}/.zarray`);
  const shape = shapeOf(folder, embeddings);
  assertArray(folder, EMBEDDINGS, embeddings, embeddingsArray(shape));
  assertArray(folder, MASKS, await readJson(folder, `${MASKS}/.zarray`), masksArray(shape));
  const attributes = (await readJson(folder, '.zattrs')) ?? {};
  return { folder, shape, attributes, readChunk: (chunk) => readChunk(folder, shape, chunk) };
}

async function readChunk(folder: string, shape: StoreShape, chunk: number): Promise<Chunk> {
  const rows = pagesInChunk(shape, chunk) * shape.panels;
  const chunkRows = PAGES_PER_CHUNK * shape.panels;
  const masks = await readElements(path.join(folder, masksFile(chunk)), chunkRows);
  const bytes = await readElements(path.join(folder, embeddingsFile(chunk)), chunkRows * shape.dimensions * 4);
  // By the specification these are zeros; here they are a file that was lost, and its panels would get wrong vectors.
  if (bytes === undefined && masks?.includes(1)) throw invalid(folder, `lost the embeddings of chunk ${chunk}`);
  const embeddings = new Float32Array(rows * shape.dimensions);
  if (bytes !== undefined) new Uint8Array(embeddings.buffer).set(bytes.subarray(0, embeddings.byteLength));
  return { embeddings, masks: masks === undefined ? new Uint8Array(rows) : Uint8Array.from(masks.subarray(0, rows)) };
}

async function readElements(file: string, byteLength: number): Promise<Buffer | undefined> {
  const compressed = await readIfAny(file);
  if (compressed === undefined) return undefined;
  const elements = await decompressChunk(compressed, byteLength).catch((error: unknown) => {
    throw invalid(file, `is no chunk: ${oneLine(error)}`);
  });
  if (elements.length !== byteLength) throw invalid(file, `has ${elements.length} bytes instead of ${byteLength}`);
  return elements;
}

async function readJson(folder: string, name: string): Promise<JsonObject | undefined> {
  const file = path.join(folder, name);
  const bytes = await readIfAny(file);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw invalid(file, 'is no JSON object');
}

function shapeOf(folder: string, array: JsonObject | undefined): StoreShape {
  const shape = array?.['shape'];
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every(isCount)) {
    throw invalid(folder, `has no array ${EMBEDDINGS} of three dimensions`);
  }
  const [pages, panels, dimensions] = shape as [number, number, number];
  return { pages, panels, dimensions };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Any level of compression will do: it shows in no element. `dimension_separator` is '.' where it is absent. */
function assertArray(folder: string, name: string, found: JsonObject | undefined, expected: JsonObject): void {
  const read: JsonObject = { dimension_separator: '.', ...found, compressor: compressionOf(found) };
  const wanted: JsonObject = { dimension_separator: '.', ...expected, compressor: compressionOf(expected) };
  for (const [field, value] of Object.entries(wanted)) {
    if (isDeepStrictEqual(read[field], value)) continue;
    throw invalid(folder, `has ${name} with ${field} ${JSON.stringify(read[field])}, not ${JSON.stringify(value)}`);
  }
}

function compressionOf(array: JsonObject | undefined): unknown {
  const compressor = array?.['compressor'];
  return isObject(compressor) ? compressor['id'] : compressor;
}

function invalid(place: string, problem: string): PanelvecError {
  return new PanelvecError('internal', `${place} ${problem}`);
}
