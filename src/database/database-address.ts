import type { PoolConfig } from 'pg';
import { loopbackAddress } from './loopback-address.ts';
import { runtimeFolder, SOCKET_PORT } from './runtime-folder.ts';

/** How processes reach the embedded database: by a Unix socket, or by a TCP port that takes only those who know a secret. */
export const LOCAL_SOCKETS = ['unix', 'tcp'] as const;
export type LocalSockets = (typeof LOCAL_SOCKETS)[number];

/** Where a database listens, as node-postgres takes it. */
export type DatabaseAddress = Pick<
  PoolConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'database' | 'ssl' | 'sslnegotiation' | 'stream'
>;

/** Address of the embedded database of a home. It stays valid when the database is started again. */
export function embeddedAddress(home: string, localSockets: LocalSockets): DatabaseAddress {
  const names = { user: 'postgres', database: 'postgres' };
  if (localSockets === 'tcp') return { ...names, ...loopbackAddress(home) };
  return { ...names, host: runtimeFolder(home), port: SOCKET_PORT, ssl: false };
}
