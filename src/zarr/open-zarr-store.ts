import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { firstLine, PanelvecError } from '../errors.ts';
import { isObject as isJsonObject, type JsonObject } from '../util/json.ts';
import { decompressChunk } from './chunk-compression.ts';
import { readFileIfExists } from './read-file-if-exists.ts';
import { PAGES_PER_CHUNK, pagesInChunk, type StoreShape } from './store-shape.ts';
import { embeddingsFile, masksFile } from './zarr-chunk.ts';
import { EMBEDDINGS, embeddingsArrayMetadata, MASKS, masksArrayMetadata } from './zarr-metadata.ts';

/** The pages of a chunk, without what fills up the last one. */
export interface ZarrChunk {
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
  readChunk(chunk: number): Promise<ZarrChunk>;
}

/**
 * Opens a store of this form, whoever wrote it.
 * @throws PanelvecError where the folder holds none, or arrays of another shape, type, order or compression
 */
export async function openZarrStore(folder: string): Promise<OpenedStore> {
  const group = await readJson(folder, '.zgroup');
  if (group?.['zarr_format'] !== 2) throw storeError(folder, 'is no Zarr group of version 2');
  const embeddings = await readJson(folder, `${EMBEDDINGS}/.zarray`);
  const shape = readShape(folder, embeddings);
  assertArray(folder, EMBEDDINGS, embeddings, embeddingsArrayMetadata(shape));
  assertArray(folder, MASKS, await readJson(folder, `${MASKS}/.zarray`), masksArrayMetadata(shape));
  const attributes = (await readJson(folder, '.zattrs')) ?? {};
  return { folder, shape, attributes, readChunk: (chunk) => readChunk(folder, shape, chunk) };
}

async function readChunk(folder: string, shape: StoreShape, chunk: number): Promise<ZarrChunk> {
  const rows = pagesInChunk(shape, chunk) * shape.panels;
  const chunkRows = PAGES_PER_CHUNK * shape.panels;
  const masks = await readElements(path.join(folder, masksFile(chunk)), chunkRows);
  const bytes = await readElements(path.join(folder, embeddingsFile(chunk)), chunkRows * shape.dimensions * 4);
  // By the specification these are zeros; here they are a file that was lost, and its panels would get wrong vectors.
  if (bytes === undefined && masks?.includes(1)) throw storeError(folder, `lost the embeddings of chunk ${chunk}`);
  const embeddings = new Float32Array(rows * shape.dimensions);
  if (bytes !== undefined) new Uint8Array(embeddings.buffer).set(bytes.subarray(0, embeddings.byteLength));
  return { embeddings, masks: masks === undefined ? new Uint8Array(rows) : Uint8Array.from(masks.subarray(0, rows)) };
}

async function readElements(file: string, byteLength: number): Promise<Buffer | undefined> {
  const compressed = await readFileIfExists(file);
  if (compressed === undefined) return undefined;
  const elements = await decompressChunk(compressed, byteLength).catch((error: unknown) => {
    throw storeError(file, `is no chunk: ${firstLine(error)}`);
  });
  if (elements.length !== byteLength) throw storeError(file, `has ${elements.length} bytes instead of ${byteLength}`);
  return elements;
}

async function readJson(folder: string, name: string): Promise<JsonObject | undefined> {
  const file = path.join(folder, name);
  const bytes = await readFileIfExists(file);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw storeError(file, 'is no JSON object');
}

function readShape(folder: string, array: JsonObject | undefined): StoreShape {
  const shape = array?.['shape'];
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every(isCount)) {
    throw storeError(folder, `has no array ${EMBEDDINGS} of three dimensions`);
  }
  const [pages, panels, dimensions] = shape as [number, number, number];
  return { pages, panels, dimensions };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Any level of compression will do: it shows in no element. `dimension_separator` is '.' where it is absent. */
function assertArray(folder: string, name: string, actual: JsonObject | undefined, expected: JsonObject): void {
  const actualFields: JsonObject = { dimension_separator: '.', ...actual, compressor: compressionOf(actual) };
  const expectedFields: JsonObject = { dimension_separator: '.', ...expected, compressor: compressionOf(expected) };
  for (const [field, value] of Object.entries(expectedFields)) {
    if (isDeepStrictEqual(actualFields[field], value)) continue;
    throw storeError(
      folder,
      `has ${name} with ${field} ${JSON.stringify(actualFields[field])}, not ${JSON.stringify(value)}`,
    );
  }
}

function compressionOf(array: JsonObject | undefined): unknown {
  const compressor = array?.['compressor'];
  return isJsonObject(compressor) ? compressor['id'] : compressor;
}

function storeError(location: string, problem: string): PanelvecError {
  return new PanelvecError('internal', `${location} ${problem}`);
}
