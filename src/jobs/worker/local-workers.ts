import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { endChild, ended } from '../../child-process.ts';
import { oneLine } from '../../errors.ts';
import type { EnginePool } from '../../inference/engine-pool.ts';
import type { TaskRecords } from '../queue/task-records.ts';
import { type Loan, lendEngines } from './engine-loan.ts';
import { pidOfLease } from './lease.ts';

const MAIN = path.join(import.meta.dirname, '../../main.ts');
const RESTART_DELAY_MS = 500;
const STOP_GRACE_MS = 10_000;

export interface LocalWorkerSettings {
  readonly count: number;
  /** Configuration as environment variables */
  readonly environment: Readonly<Record<string, string>>;
  /** Engines that they may use; undefined where they have their own */
  readonly lender: { readonly pool: EnginePool; readonly loan: Loan } | undefined;
}

/** The workers that the service itself starts, and replaces when they end. What they had in hand goes back at once. */
export class LocalWorkers {
  readonly #settings: LocalWorkerSettings;
  readonly #records: TaskRecords;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  readonly #children = new Set<ChildProcess>();

  constructor(settings: LocalWorkerSettings, records: TaskRecords, log: Logger) {
    this.#settings = settings;
    this.#records = records;
    this.#log = log;
  }

  start(): void {
    for (let at = 0; at < this.#settings.count; at++) void this.#keepAlive();
  }

  /** They give back what they have in hand; who takes too long is killed, and its leases run out. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([...this.#children].map((child) => endChild(child, { ask: 'SIGTERM', graceMs: STOP_GRACE_MS })));
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const child = this.#fork();
      const [code, killed] = await ended(child);
      this.#children.delete(child);
      if (signal.aborted) return;
      this.#log.error({ code, signal: killed, worker_pid: child.pid }, 'worker ended and is started again');
      if (child.pid !== undefined) await this.#release(child.pid);
      await delay(RESTART_DELAY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #fork(): ChildProcess {
    const { environment, lender } = this.#settings;
    const child = fork(MAIN, ['worker'], {
      env: { ...process.env, ...environment },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    if (lender) lendEngines(child, lender.pool, lender.loan);
    return child;
  }

  async #release(pid: number): Promise<void> {
    try {
      await this.#records.releaseLost((lease) => pidOfLease(lease) === pid);
    } catch (error) {
      this.#log.warn({ problem: oneLine(error) }, 'the leases of the worker must run out');
    }
  }
}
