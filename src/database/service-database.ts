import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import { Database, namingUnavailable } from './database.ts';
import type { DatabaseProcess } from './embedded/database-process.ts';
import { EmbeddedDatabase } from './embedded/embedded-database.ts';
import { listen } from './listen.ts';
import type { Migrations } from './migrations.ts';

const START_TIMEOUT_MS = 30_000;

export type ServiceDatabaseSettings = Pick<Config, 'jobs' | 'databaseUrl' | 'home' | 'localSockets'>;

/** The database of a service: that of DATABASE_URL, or the embedded one of its home. A service without jobs and a server has none. */
export class ServiceDatabase {
  readonly database: Database;
  readonly #settings: ServiceDatabaseSettings;
  readonly #migrations: readonly Migrations[];
  readonly #log: Logger;
  readonly #process: DatabaseProcess | undefined;
  #embedded: EmbeddedDatabase | undefined;

  /**
   * Connects to nothing before `start`.
   * @param migrations of all tables that the service uses
   * @param process for an embedded database; by default it gets its own
   */
  constructor(
    settings: ServiceDatabaseSettings,
    migrations: readonly Migrations[],
    log: Logger,
    process?: DatabaseProcess,
  ) {
    const { databaseUrl: url, home, localSockets } = settings;
    this.#settings = settings;
    this.#migrations = migrations;
    this.#log = log;
    this.#process = process;
    this.database = new Database({ url, home, localSockets }, log);
  }

  get isEnabled(): boolean {
    return this.#settings.jobs === 'on' || this.#settings.databaseUrl !== undefined;
  }

  /** Starts the embedded database, if there is no server, and makes the tables. @throws PanelvecError config_invalid if it cannot be used */
  async start(): Promise<void> {
    if (!this.isEnabled) return;
    if (this.#settings.databaseUrl === undefined)
      this.#embedded = await EmbeddedDatabase.start(this.#settings, this.#log, this.#process);
    for (const migrations of this.#migrations) await this.database.migrate(START_TIMEOUT_MS, migrations);
  }

  /** Runs an operation over its tables. @throws PanelvecError database_off where there is none, database_unavailable where a retry may succeed */
  async use<T>(operation: (database: Database) => Promise<T>): Promise<T> {
    if (!this.isEnabled) {
      const message = 'this service has no database (PANELVEC_JOBS=off, and no DATABASE_URL)';
      throw new PanelvecError('database_off', message);
    }
    return namingUnavailable(() => operation(this.database));
  }

  /**
   * Calls back after each NOTIFY on a channel until the signal is aborted, and after each connection, because notifications may
   * have been missed before it. Does nothing on the embedded database, which has a single service.
   */
  listen(channel: string, onNotify: () => void, signal: AbortSignal): void {
    const { databaseUrl } = this.#settings;
    if (databaseUrl !== undefined) void listen(databaseUrl, channel, onNotify, signal, this.#log);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.#embedded?.stop();
  }
}
