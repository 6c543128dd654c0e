import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { DatabaseProcess, type HostedDatabase } from './database-process.ts';
import { EMBEDDED_KINDS } from './embedded-kinds.ts';

/** Where the files of the database of a home are. */
export function databaseFolder(home: string): string {
  return path.join(home, 'database');
}

/** The settings of a database; its kind is `jobs` by default. */
export type EmbeddedDatabaseSettings = Omit<HostedDatabase, 'kind'> & Partial<Pick<HostedDatabase, 'kind'>>;

/** An embedded database in a child process. */
export class EmbeddedDatabase {
  readonly #process: DatabaseProcess;
  readonly #home: string;

  private constructor(databaseProcess: DatabaseProcess, home: string) {
    this.#process = databaseProcess;
    this.#home = home;
  }

  /**
   * @param databaseProcess that may have other databases; by default the database gets one of its own
   * @throws PanelvecError config_invalid where another service uses the database, or it cannot start
   */
  static async start(
    { home, localSockets, kind = 'jobs' }: EmbeddedDatabaseSettings,
    log: Logger,
    databaseProcess = new DatabaseProcess(EMBEDDED_KINDS[kind].nodeOptions, log),
  ): Promise<EmbeddedDatabase> {
    const hosted = { home, localSockets, kind };
    if (!existsSync(path.join(databaseFolder(home), 'PG_VERSION'))) await create(hosted, log);
    await databaseProcess.open(hosted);
    return new EmbeddedDatabase(databaseProcess, home);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Writes what is not on the disk yet. The process ends with its last database. */
  async stop(): Promise<void> {
    await this.#process.close(this.#home);
  }
}

/**
 * Makes the database in a process that then ends: one that has made a database never gives back the memory of the peak, which is
 * twice as much as it needs afterwards.
 */
async function create(database: HostedDatabase, log: Logger): Promise<void> {
  const databaseProcess = new DatabaseProcess(EMBEDDED_KINDS.jobs.nodeOptions, log);
  await databaseProcess.open(database);
  await databaseProcess.close(database.home);
}
