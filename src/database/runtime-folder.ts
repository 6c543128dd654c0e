import { createHash } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PanelvecError } from '../errors.ts';

/** The port in the name of a PostgreSQL socket file. */
export const SOCKET_PORT = 5432;
const OWNER_ONLY = 0o700;

/**
 * The folder with the address of the running embedded database of a home, which only this user can enter. It is not in the
 * home itself, because the path of a Unix socket may have about a hundred characters only.
 */
export function runtimeFolder(home: string): string {
  const user = process.getuid?.() ?? '';
  const homeHash = createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 16);
  return path.join(tmpdir(), `panelvec-${user}-${homeHash}`);
}

export function socketFile(home: string): string {
  return path.join(runtimeFolder(home), `.s.PGSQL.${SOCKET_PORT}`);
}

/** Makes the runtime folder. @throws PanelvecError config_invalid where others can enter it */
export async function makeRuntimeFolder(home: string): Promise<void> {
  const folder = runtimeFolder(home);
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  const stats = await lstat(folder);
  // Windows has no such bits: there the temporary folder of a user is closed to the others.
  const isPrivate = process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o077) === 0);
  if (!stats.isDirectory() || !isPrivate) {
    throw new PanelvecError('config_invalid', `${folder} is not a folder of this user alone`);
  }
}

/** To be called while the home is locked: the next service of the home makes the folder again. */
export async function removeRuntimeFolder(home: string): Promise<void> {
  await rm(runtimeFolder(home), { recursive: true, force: true });
}
