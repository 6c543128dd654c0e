import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../../errors.ts';
import { environmentWithoutSecrets } from '../../process/child-environment.ts';
import { terminateChild } from '../../process/child-process.ts';
import { childEndpoint } from '../../process/endpoint.ts';
import { RpcClient } from '../../process/rpc.ts';
import { fixedDelay, type SupervisedProcess, supervise } from '../../process/supervise.ts';
import type { DatabaseSettings } from '../database.ts';
import { EMBEDDED_KINDS, type EmbeddedKind } from './embedded-kinds.ts';

const ENTRY = path.join(import.meta.dirname, 'embedded-database-main.ts');
const RESTART_POLICY = fixedDelay(500);
const STOP_GRACE_MS = 10_000;

/** Where the files of the database of a home are. */
export function databaseFolder(home: string): string {
  return path.join(home, 'database');
}

/** What the process of the database can be asked over its pipe. */
export type DatabaseMethods = {
  /** Resolves when clients can connect. */
  waitUntilReady(): void;
};

export interface EmbeddedDatabaseSettings extends Pick<DatabaseSettings, 'home' | 'localSockets'> {
  /** `jobs` by default */
  readonly kind?: EmbeddedKind;
}

/** The embedded database as a child process, started again when it ends. Clients reconnect by themselves. */
export class EmbeddedDatabase {
  readonly #settings: EmbeddedDatabaseSettings;
  readonly #stopController = new AbortController();
  #child: ChildProcess | undefined;

  private constructor(settings: EmbeddedDatabaseSettings) {
    this.#settings = settings;
  }

  /** @throws PanelvecError config_invalid where another service uses the database, or it cannot start */
  static async start(settings: EmbeddedDatabaseSettings, log: Logger): Promise<EmbeddedDatabase> {
    const database = new EmbeddedDatabase(settings);
    if (!existsSync(path.join(databaseFolder(settings.home), 'PG_VERSION'))) await database.#create();
    await supervise(() => database.#launch(), {
      name: 'database',
      restartPolicy: RESTART_POLICY,
      signal: database.#stopController.signal,
      log,
    });
    return database;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Writes what is not on the disk yet, then ends the process. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await this.#terminate();
  }

  /**
   * Makes the database in a process that then ends: one that has made a database never gives back the memory of the peak, which is
   * twice as much as it needs afterwards.
   */
  async #create(): Promise<void> {
    await this.#launch().ready;
    await this.#terminate();
  }

  async #terminate(): Promise<void> {
    if (this.#child) await terminateChild(this.#child, { method: 'disconnect', graceMs: STOP_GRACE_MS });
  }

  #launch(): SupervisedProcess {
    const { home, localSockets, kind = 'jobs' } = this.#settings;
    const child = fork(ENTRY, [home, localSockets, kind], {
      env: environmentWithoutSecrets(),
      execArgv: [...EMBEDDED_KINDS[kind].nodeOptions],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    const endpoint = childEndpoint(child);
    const rpc = new RpcClient<DatabaseMethods>(endpoint, (reason) => new Error(`its process ended (${reason})`));
    const ready = rpc.request('waitUntilReady', undefined).catch((cause: unknown) => {
      child.kill('SIGKILL');
      const message = `the embedded database does not start: ${firstLine(cause)}`;
      throw new PanelvecError('config_invalid', message, { cause });
    });
    return { pid: child.pid, ready, exited: endpoint.closed };
  }
}
