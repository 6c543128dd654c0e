import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { COLLECTION_MIGRATIONS } from '../../src/collections/collection-migrations.ts';
import { readConfig } from '../../src/config.ts';
import { Database } from '../../src/database/database.ts';
import { EmbeddedDatabase } from '../../src/database/embedded/embedded-database.ts';
import { startPostgres } from '../../test/support/databases.ts';
import type { DatabaseKind } from './search-options.ts';

const START_TIMEOUT_MS = 30_000;
/** As docs/search.md advises for a million panels */
const SERVER_FLAGS = ['shared_buffers=4GB', 'max_wal_size=4GB'].flatMap((setting) => ['-c', setting]);

/** A database with the tables of collections. */
export interface SearchDatabase extends AsyncDisposable {
  readonly database: Database;
}

/** @param url a server that runs already; undefined to start one */
export async function openSearchDatabase(kind: DatabaseKind, url: string | undefined): Promise<SearchDatabase> {
  const opened = kind === 'embedded' ? await startEmbedded() : await startServer(url);
  await opened.database.migrate(START_TIMEOUT_MS, COLLECTION_MIGRATIONS);
  return opened;
}

/** Connections that break when a server stops are no news. */
const logger = pino({ level: 'error' }, process.stderr);

async function startEmbedded(): Promise<SearchDatabase> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-bench-'));
  const { localSockets } = readConfig();
  const embedded = await EmbeddedDatabase.start({ home, localSockets, kind: 'collections' }, logger);
  const database = new Database({ url: undefined, home, localSockets }, logger);
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await embedded.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startServer(url: string | undefined): Promise<SearchDatabase> {
  const server = url === undefined ? await startPostgres({ hasPgvector: true, flags: SERVER_FLAGS }) : undefined;
  const database = new Database({ url: url ?? server?.url, home: '', localSockets: 'unix' }, logger);
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await server?.stop();
    },
  };
}
