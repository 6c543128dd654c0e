import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../../errors.ts';
import { environmentWithoutSecrets } from '../../process/child-environment.ts';
import { terminateChild } from '../../process/child-process.ts';
import { codeFile } from '../../process/code-file.ts';
import { childEndpoint } from '../../process/endpoint.ts';
import { RpcClient } from '../../process/rpc.ts';
import { fixedDelay, type SupervisedProcess, supervise } from '../../process/supervise.ts';
import type { DatabaseSettings } from '../database.ts';
import type { EmbeddedKind } from './embedded-kinds.ts';

const ENTRY = codeFile(import.meta, 'database-process-main');
const RESTART_POLICY = fixedDelay(500);
const STOP_GRACE_MS = 10_000;

/** A database of a home, as its process needs it. */
export interface HostedDatabase extends Pick<DatabaseSettings, 'home' | 'localSockets'> {
  readonly kind: EmbeddedKind;
}

/** What the process can be asked over its pipe. */
export type DatabaseProcessMethods = {
  /** Resolves when clients can connect. */
  open(database: HostedDatabase): void;
  /** Writes what is not on the disk yet. */
  close(home: string): void;
};

interface LaunchedProcess extends SupervisedProcess {
  readonly child: ChildProcess;
  readonly rpc: RpcClient<DatabaseProcessMethods>;
}

/**
 * The process of embedded databases, each on a thread of its own: it runs from the first `open` to the last `close`, and is started
 * again with all databases when it ends. Clients reconnect by themselves.
 */
export class DatabaseProcess {
  readonly #nodeOptions: readonly string[];
  readonly #log: Logger;
  readonly #databases = new Map<string, HostedDatabase>();
  #stopController = new AbortController();
  #launched: LaunchedProcess | undefined;

  constructor(nodeOptions: readonly string[], log: Logger) {
    this.#nodeOptions = nodeOptions;
    this.#log = log;
  }

  get pid(): number | undefined {
    return this.#launched?.pid;
  }

  /** @throws PanelvecError config_invalid where another service uses the database, or it cannot start */
  async open(database: HostedDatabase): Promise<void> {
    if (this.#launched === undefined || this.#databases.size === 0) {
      this.#databases.set(database.home, database);
      await this.#start().catch((error: unknown) => {
        this.#databases.clear();
        throw error;
      });
      return;
    }
    await requestOpen(this.#launched.rpc, database);
    this.#databases.set(database.home, database);
  }

  async close(home: string): Promise<void> {
    const launched = this.#launched;
    if (!this.#databases.delete(home) || launched === undefined) return;
    if (this.#databases.size > 0) {
      const timeout = new AbortController();
      const closed = launched.rpc.request('close', home).catch(() => {});
      await Promise.race([closed, delay(STOP_GRACE_MS, undefined, { signal: timeout.signal }).catch(() => {})]);
      timeout.abort();
      return;
    }
    this.#stopController.abort();
    await terminateChild(launched.child, { method: 'disconnect', graceMs: STOP_GRACE_MS });
  }

  async #start(): Promise<void> {
    this.#stopController = new AbortController();
    await supervise(() => this.#launch(), {
      name: 'database',
      restartPolicy: RESTART_POLICY,
      signal: this.#stopController.signal,
      log: this.#log,
    });
  }

  #launch(): LaunchedProcess {
    const child = fork(ENTRY, [], {
      env: environmentWithoutSecrets(),
      execArgv: [...this.#nodeOptions],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const endpoint = childEndpoint(child);
    const rpc = new RpcClient<DatabaseProcessMethods>(endpoint, (reason) => new Error(`its process ended (${reason})`));
    const opened = Promise.all([...this.#databases.values()].map((database) => requestOpen(rpc, database)));
    const ready = opened.catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    this.#launched = { pid: child.pid, child, rpc, ready, exited: endpoint.closed };
    return this.#launched;
  }
}

async function requestOpen(rpc: RpcClient<DatabaseProcessMethods>, database: HostedDatabase): Promise<void> {
  await rpc.request('open', database).catch((cause: unknown) => {
    const message = `the embedded database does not start: ${firstLine(cause)}`;
    throw new PanelvecError('config_invalid', message, { cause });
  });
}
