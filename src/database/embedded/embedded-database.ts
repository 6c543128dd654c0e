import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../../errors.ts';
import { terminateChild, waitForExit } from '../../process/child-process.ts';

const ENTRY = path.join(import.meta.dirname, 'embedded-database-main.ts');
const RESTART_DELAY_MS = 500;
const STOP_GRACE_MS = 10_000;

export type DatabaseMessage = { readonly type: 'ready' } | { readonly type: 'refused'; readonly message: string };

/** The embedded database as a child process, started again when it ends. Clients reconnect by themselves. */
export class EmbeddedDatabase {
  readonly #home: string;
  readonly #log: Logger;
  readonly #stopController = new AbortController();
  #child: ChildProcess | undefined;

  private constructor(home: string, log: Logger) {
    this.#home = home;
    this.#log = log;
  }

  /** @throws PanelvecError config_invalid where another service has the database, or there can be none */
  static async start(home: string, log: Logger): Promise<EmbeddedDatabase> {
    const database = new EmbeddedDatabase(home, log);
    await database.#launch();
    void database.#supervise();
    return database;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Writes what is to be written, then ends. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    if (this.#child) await terminateChild(this.#child, { method: 'disconnect', graceMs: STOP_GRACE_MS });
  }

  async #launch(): Promise<void> {
    const child = fork(ENTRY, [this.#home], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    const firstMessage = new Promise<DatabaseMessage>((resolve) => {
      child.once('message', (message: DatabaseMessage) => resolve(message));
      child.once('error', (error) => resolve({ type: 'refused', message: error.message }));
      child.once('exit', (code, signal) => resolve({ type: 'refused', message: `it ended (${signal ?? code})` }));
    });
    const message = await firstMessage;
    if (message.type === 'ready') return;
    child.kill('SIGKILL');
    throw new PanelvecError('config_invalid', `the embedded database does not start: ${message.message}`);
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopController;
    while (!signal.aborted) {
      const [code, exitSignal] = await waitForExit(this.#child!);
      if (signal.aborted) return;
      this.#log.error({ code, signal: exitSignal }, 'the database ended and is started again');
      await delay(RESTART_DELAY_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#launch().catch((error: unknown) => this.#log.error({ problem: firstLine(error) }, 'no database'));
    }
  }
}
