import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';
import { Database, isTransientError } from './database.ts';
import { EmbeddedDatabase } from './embedded/embedded-database.ts';
import type { Migrations } from './migrations.ts';
import type { ServiceDatabaseSettings } from './service-database.ts';

const START_TIMEOUT_MS = 30_000;

/**
 * Opens the database of a service for a command: the service may run, and if it does not, its embedded database is started
 * for as long as the command needs it.
 * @throws PanelvecError config_invalid where the service has none, or it cannot be used
 */
export async function openDatabase(
  settings: ServiceDatabaseSettings,
  migrations: readonly Migrations[],
  log: Logger,
): Promise<{ readonly database: Database } & AsyncDisposable> {
  const { jobs, databaseUrl: url, home, localSockets } = settings;
  if (jobs === 'off' && url === undefined)
    throw new PanelvecError('config_invalid', 'there is no database (PANELVEC_JOBS=off, and no DATABASE_URL)');
  await using resources = new AsyncDisposableStack();
  const database = resources.adopt(new Database({ url, home, localSockets }, log), (opened) => opened.close());
  if (url === undefined && !(await isRunning(database)))
    resources.adopt(await EmbeddedDatabase.start({ home, localSockets }, log), (started) => started.stop());
  for (const tables of migrations) await database.migrate(START_TIMEOUT_MS, tables);
  const opened = resources.move();
  return { database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function isRunning(database: Database): Promise<boolean> {
  try {
    await database.query('SELECT 1');
    return true;
  } catch (error) {
    if (isTransientError(error)) return false;
    throw error;
  }
}
