import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import type { JsonObject } from '../util/json.ts';
import type { StoreShape } from './store-shape.ts';
import { ATTRIBUTES, GROUP_FILES, storeMetadata } from './zarr-metadata.ts';

/** A Zarr store that any number of processes write to. */
export interface ZarrStore {
  readonly folder: string;
  readonly shape: StoreShape;
  /** The folder for temporary files, on the same file system */
  readonly scratch: string;
}

/**
 * Creates a store, or opens it if it exists. No reader opens it as a group before it is published. The bytes of its metadata
 * depend only on the shape and the attributes; files that are right already are not written again.
 * @throws PanelvecError if the folder holds a store of another shape, or cannot be written
 */
export async function createZarrStore(
  folder: string,
  shape: StoreShape,
  attributes: JsonObject,
  scratch: string,
): Promise<ZarrStore> {
  await mkdir(scratch, { recursive: true });
  const files = [...storeMetadata(shape, attributes)].filter(([name]) => !GROUP_FILES.includes(name));
  await writeMissingFiles(folder, files, scratch);
  return { folder, shape, scratch };
}

/**
 * Makes a group of a store whose chunks are all written. Until then readers must not open it: of a missing chunk of masks some
 * of them show whatever the memory holds.
 */
export async function publishZarrStore({ folder, shape, scratch }: ZarrStore): Promise<void> {
  const attributes = JSON.parse(await readFile(path.join(folder, ATTRIBUTES), 'utf8'));
  await writeMissingFiles(folder, [...storeMetadata(shape, attributes)], scratch);
}

/** Withdraws a store that has lost chunks. */
export async function unpublishZarrStore({ folder }: Pick<ZarrStore, 'folder'>): Promise<void> {
  for (const name of GROUP_FILES) await rm(path.join(folder, name), { force: true });
}

async function writeMissingFiles(
  folder: string,
  files: readonly (readonly [name: string, bytes: Buffer])[],
  scratch: string,
): Promise<void> {
  const missing: [file: string, bytes: Buffer][] = [];
  for (const [name, bytes] of files) {
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
}

async function readFileIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PanelvecError('internal', `${file} could not be read: ${firstLine(error)}`, { cause: error });
  }
}
