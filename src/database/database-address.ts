import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PoolConfig } from 'pg';
import { PanelvecError } from '../errors.ts';

/** The port in the name of a PostgreSQL socket file. */
const SOCKET_PORT = 5432;
const OWNER_ONLY = 0o700;

/** Where a database listens, as node-postgres takes it. */
export type DatabaseAddress = Pick<PoolConfig, 'connectionString' | 'host' | 'port' | 'user' | 'database'>;

/** Address of the embedded database of a home: the folder with its socket, which only this user can enter. */
export function embeddedAddress(home: string): DatabaseAddress {
  return { host: socketFolder(home), port: SOCKET_PORT, user: 'postgres', database: 'postgres' };
}

export function socketFile(home: string): string {
  return path.join(socketFolder(home), `.s.PGSQL.${SOCKET_PORT}`);
}

/** Makes the folder of the socket. @throws PanelvecError config_invalid where others can enter it */
export async function makeSocketFolder(home: string): Promise<void> {
  const folder = socketFolder(home);
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  const stats = await lstat(folder);
  const isOwnFolder = stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  if (!isOwnFolder) throw new PanelvecError('config_invalid', `${folder} is not a folder of this user alone`);
}

/** Not in the home itself, because the path of a socket may have about a hundred characters only. */
function socketFolder(home: string): string {
  const user = process.getuid?.() ?? '';
  const homeHash = createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 16);
  return path.join(tmpdir(), `panelvec-${user}-${homeHash}`);
}
