import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { firstLine } from '../../errors.ts';
import type { EnginePool } from '../../inference/engine-pool.ts';
import { terminateChild, waitForExit } from '../../process/child-process.ts';
import type { TaskRecords } from '../queue/task-records.ts';
import { pidFromLease } from './lease.ts';
import { type EngineShare, serveEngines } from './shared-engines.ts';

const MAIN = path.join(import.meta.dirname, '../../main.ts');
const RESTART_DELAY_MS = 500;
const STOP_GRACE_MS = 10_000;

export interface LocalWorkerSettings {
  readonly count: number;
  /** Configuration as environment variables */
  readonly environment: Readonly<Record<string, string>>;
  /** Engines that they may use; undefined where they have their own */
  readonly sharedEngines: { readonly pool: EnginePool; readonly share: EngineShare } | undefined;
}

/** The workers that the service itself starts, and replaces when they end. What they had in hand goes back at once. */
export class LocalWorkers {
  readonly #settings: LocalWorkerSettings;
  readonly #records: TaskRecords;
  readonly #log: Logger;
  readonly #stopController = new AbortController();
  readonly #children = new Set<ChildProcess>();

  constructor(settings: LocalWorkerSettings, records: TaskRecords, log: Logger) {
    this.#settings = settings;
    this.#records = records;
    this.#log = log;
  }

  start(): void {
    for (let i = 0; i < this.#settings.count; i++) void this.#keepAlive();
  }

  /** They give back what they have in hand; who takes too long is killed, and its leases run out. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await Promise.all(
      [...this.#children].map((child) => terminateChild(child, { method: 'SIGTERM', graceMs: STOP_GRACE_MS })),
    );
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stopController;
    while (!signal.aborted) {
      const child = this.#fork();
      const [code, exitSignal] = await waitForExit(child);
      this.#children.delete(child);
      if (signal.aborted) return;
      this.#log.error({ code, signal: exitSignal, worker_pid: child.pid }, 'worker ended and is started again');
      if (child.pid !== undefined) await this.#requeueTasks(child.pid);
      await delay(RESTART_DELAY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #fork(): ChildProcess {
    const { environment, sharedEngines } = this.#settings;
    const child = fork(MAIN, ['worker'], {
      env: { ...process.env, ...environment },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    if (sharedEngines) serveEngines(child, sharedEngines.pool, sharedEngines.share);
    return child;
  }

  async #requeueTasks(pid: number): Promise<void> {
    try {
      await this.#records.requeueOrphans((lease) => pidFromLease(lease) === pid);
    } catch (error) {
      this.#log.warn({ problem: firstLine(error) }, 'the leases of the worker must run out');
    }
  }
}
