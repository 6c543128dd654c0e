import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import type { JsonObject } from '../util/json.ts';
import type { StoreShape } from './store-shape.ts';
import { storeMetadata } from './zarr-metadata.ts';

/** A Zarr store that any number of processes write to. */
export interface ZarrStore {
  readonly folder: string;
  readonly shape: StoreShape;
  /** The folder for temporary files, on the same file system */
  readonly scratch: string;
}

/**
 * Creates a store, or opens it if it exists. The bytes of its metadata depend only on the shape and the attributes; metadata
 * files that are right already are not written again.
 * @throws PanelvecError if the folder holds a store of another shape, or cannot be written
 */
export async function createZarrStore(
  folder: string,
  shape: StoreShape,
  attributes: JsonObject,
  scratch: string,
): Promise<ZarrStore> {
  await mkdir(scratch, { recursive: true });
  const missing: [file: string, bytes: Buffer][] = [];
  for (const [name, bytes] of storeMetadata(shape, attributes)) {
    const file = path.join(folder, name);
    const existing = await readFileIfExists(file);
    if (existing?.equals(bytes)) continue;
    if (existing !== undefined && name.endsWith('.zarray')) {
      throw new PanelvecError('internal', `${folder} holds a store of another shape`);
    }
    missing.push([file, bytes]);
  }
  for (const [file, bytes] of missing) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, bytes, scratch);
  }
  return { folder, shape, scratch };
}

async function readFileIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PanelvecError('internal', `${file} could not be read: ${firstLine(error)}`, { cause: error });
  }
}
