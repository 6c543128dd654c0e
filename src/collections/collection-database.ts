import path from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { Database, isTransientError, namingUnavailable } from '../database/database.ts';
import type { DatabaseProcess } from '../database/embedded/database-process.ts';
import { EmbeddedDatabase } from '../database/embedded/embedded-database.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import type { Collection } from './collection.ts';
import { COLLECTION_MIGRATIONS } from './collection-migrations.ts';
import { withCollection } from './collection-records.ts';
import { retryWhileUnreachable } from './retry-while-unreachable.ts';

/** The first version whose HNSW index goes on where a filter leaves too few rows. */
const MIN_PGVECTOR = [0, 8] as const;
const START_TIMEOUT_MS = 30_000;
const RETRY_TIMEOUT_MS = 1000;
const INSTALL_HINT =
  'install pgvector 0.8 or later on the PostgreSQL server (Debian: postgresql-NN-pgvector) and run CREATE EXTENSION vector as its administrator';

export type CollectionSettings = Pick<Config, 'search' | 'jobs' | 'databaseUrl' | 'home' | 'localSockets'>;

/** The database of collections: that of DATABASE_URL, or an embedded one apart from that of jobs. */
export class CollectionDatabase {
  readonly database: Database;
  readonly #settings: CollectionSettings;
  readonly #log: Logger;
  readonly #process: DatabaseProcess | undefined;
  #embedded: EmbeddedDatabase | undefined;
  /** Whether the tables are known to be there */
  #isMigrated = false;

  /** Connects to nothing before `start` or the first use. @param process for an embedded database; by default it gets its own */
  constructor(settings: CollectionSettings, log: Logger, process?: DatabaseProcess) {
    this.#settings = settings;
    this.#log = log;
    this.#process = process;
    const { databaseUrl: url, localSockets } = settings;
    this.database = new Database({ url, home: this.#home, localSockets }, log);
  }

  get isEnabled(): boolean {
    const { search, databaseUrl, jobs } = this.#settings;
    return search === 'on' && (databaseUrl !== undefined || jobs === 'on');
  }

  /** Starts the embedded database, if there is no server. A server without pgvector is no error: only searches need it. */
  async start(): Promise<void> {
    if (!this.isEnabled) return;
    const { databaseUrl, localSockets } = this.#settings;
    if (databaseUrl === undefined) {
      const settings = { home: this.#home, localSockets, kind: 'collections' } as const;
      this.#embedded = await EmbeddedDatabase.start(settings, this.#log, this.#process);
    }
    await this.#migrate(START_TIMEOUT_MS).catch((err: unknown) =>
      this.#log.warn({ err }, 'collections cannot be searched'),
    );
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.#embedded?.stop();
  }

  /**
   * Runs an operation over the tables of collections.
   * @param signal if given, the operation runs again while the database is away, until the signal is aborted
   * @throws PanelvecError search_unavailable where they cannot be there, database_unavailable where a retry may succeed
   */
  async use<T>(operation: (database: Database) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!this.isEnabled) throw new PanelvecError('search_unavailable', this.#describeOff());
    const run = async () => {
      if (!this.#isMigrated) await this.#migrate(RETRY_TIMEOUT_MS);
      return operation(this.database);
    };
    return namingUnavailable(() => (signal === undefined ? run() : retryWhileUnreachable(run, signal)));
  }

  /**
   * Runs an operation as `use`. Resolves to `otherwise` where there can be no collections: they are off, or the server has no pgvector.
   * @throws PanelvecError database_unavailable, because nobody knows then what there is
   */
  async useIfAvailable<T>(operation: (database: Database) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await this.use(operation);
    } catch (error) {
      if (error instanceof PanelvecError && error.code === 'search_unavailable') return otherwise;
      throw error;
    }
  }

  /** Runs an operation over the tables of the collection of a name, as `use`. @throws PanelvecError not_found */
  useCollection<T>(name: string, operation: (database: Database, collection: Collection) => Promise<T>): Promise<T> {
    return this.use((database) => withCollection(database, name, (collection) => operation(database, collection)));
  }

  get #home(): string {
    return path.join(this.#settings.home, 'collections');
  }

  #describeOff(): string {
    return this.#settings.search === 'off'
      ? 'this service keeps no collections (PANELVEC_SEARCH=off)'
      : 'this service keeps no collections: their embedded database needs PANELVEC_JOBS=on';
  }

  async #migrate(timeoutMs: number): Promise<void> {
    try {
      await this.database.migrate(timeoutMs, COLLECTION_MIGRATIONS);
    } catch (error) {
      const { cause } = error as Error;
      if (isTransientError(cause)) throw cause;
      const problem = `collections need pgvector: ${INSTALL_HINT} (${firstLine(cause)})`;
      throw new PanelvecError('search_unavailable', problem, { cause });
    }
    const { rows } = await this.database.query<{ extversion: string }>(
      "SELECT extversion FROM pg_extension WHERE extname = 'vector'",
    );
    const version = rows[0]?.extversion ?? '';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < MIN_PGVECTOR[0] || (major === MIN_PGVECTOR[0] && minor < MIN_PGVECTOR[1]))
      throw new PanelvecError('search_unavailable', `the server has pgvector ${version}: ${INSTALL_HINT}`);
    this.#isMigrated = true;
  }
}
