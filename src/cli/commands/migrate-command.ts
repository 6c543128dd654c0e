import { pino } from 'pino';
import { CollectionDatabase } from '../../collections/collection-database.ts';
import type { Config } from '../../config.ts';
import { Database } from '../../database/database.ts';
import { PanelvecError } from '../../errors.ts';
import { SERVICE_MIGRATIONS } from '../../services.ts';

const DATABASE_TIMEOUT_MS = 30_000;

/**
 * Brings the tables of a PostgreSQL server up to date, before services and workers of this version start. Services do so themselves too;
 * a deployment that starts many at a time can do it once, and stop where it fails.
 * @throws PanelvecError config_invalid where DATABASE_URL is not set or does not answer; search_unavailable where pgvector is missing
 */
export async function migrateCommand(config: Config): Promise<void> {
  const { databaseUrl: url, home, localSockets, search } = config;
  if (url === undefined) {
    const problem = 'DATABASE_URL is not set. A service brings its embedded database up to date itself when it starts.';
    throw new PanelvecError('config_invalid', problem);
  }
  const log = pino({ name: 'panelvec', level: 'silent' });
  await using resources = new AsyncDisposableStack();
  const database = resources.adopt(new Database({ url, home, localSockets }, log), (opened) => opened.close());
  for (const migrations of SERVICE_MIGRATIONS) await database.migrate(DATABASE_TIMEOUT_MS, migrations);
  if (search === 'on') {
    const collections = resources.adopt(new CollectionDatabase(config, log), (opened) => opened.stop());
    await collections.use(async () => {});
  }
  process.stdout.write('the database is up to date\n');
}
