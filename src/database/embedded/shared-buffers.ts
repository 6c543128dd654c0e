import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** The least and the most memory for pages of a database, in megabytes. */
export interface BufferLimits {
  readonly min: number;
  readonly max: number;
}

const BYTES_PER_MEGABYTE = 1 << 20;
/** Where PostgreSQL keeps tables and indexes */
const TABLES = 'base';

/**
 * Megabytes of `shared_buffers` that hold all tables and indexes of a database, within limits. WebAssembly takes all of them when it
 * starts, so a small database should not have those of a large one.
 * @param folder of the database, which may not be there yet
 */
export async function chooseSharedBuffers(folder: string, { min, max }: BufferLimits): Promise<number> {
  const files = await readdir(path.join(folder, TABLES), { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const file of files) if (file.isFile()) bytes += (await stat(path.join(file.parentPath, file.name))).size;
  return Math.min(max, Math.max(min, Math.ceil(bytes / BYTES_PER_MEGABYTE)));
}
