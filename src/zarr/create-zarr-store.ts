import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import type { JsonObject } from '../util/json.ts';
import type { StoreShape } from './store-shape.ts';
import { storeMetadata } from './zarr-metadata.ts';

/** A store that is being filled, by any number of processes. */
export interface ZarrStore {
  readonly folder: string;
  readonly shape: StoreShape;
  /** Where its files grow; of the same file system. */
  readonly scratch: string;
}

/**
 * Makes the folder of a store, or finds it. The bytes of its description depend on the shape and attributes alone, and
 * what is there already as it should be is not written again.
 * @throws PanelvecError where the folder holds a store of another shape, or cannot be written
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
