import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Logger } from 'pino';
import { describeExit, terminateChild, waitForExit } from '../../process/child-process.ts';
import { fixedDelay, type SupervisedProcess, supervise } from '../../process/supervise.ts';
import type { TaskRecords } from '../queue/task-records.ts';
import { pidFromLease } from './lease.ts';
import { type SharedEngines, serveEngines } from './shared-engines.ts';

const MAIN = path.join(import.meta.dirname, '../../main.ts');
const RESTART_POLICY = fixedDelay(500);
const STOP_GRACE_MS = 10_000;

export interface LocalWorkerSettings {
  readonly count: number;
  /** Configuration as environment variables */
  readonly environment: Readonly<Record<string, string>>;
  /** Engines that they may use; undefined where they have their own */
  readonly sharedEngines: SharedEngines | undefined;
}

/** The workers that the service itself starts, and replaces when they end. Their tasks go back to the queue at once. */
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
    for (let i = 0; i < this.#settings.count; i++) {
      void supervise(() => this.#launch(), {
        name: 'worker',
        restartPolicy: RESTART_POLICY,
        signal: this.#stopController.signal,
        log: this.#log,
        onExit: ({ pid }) => this.#requeueTasks(pid),
      });
    }
  }

  /** Workers that should run, and those that do. */
  get counts(): { readonly expected: number; readonly running: number } {
    return { expected: this.#settings.count, running: this.#children.size };
  }

  /** The workers give back their tasks. One that takes too long is killed, and its leases run out. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await Promise.all(
      [...this.#children].map((child) => terminateChild(child, { method: 'message', graceMs: STOP_GRACE_MS })),
    );
  }

  #launch(): SupervisedProcess {
    const { environment, sharedEngines } = this.#settings;
    const child = fork(MAIN, ['worker'], {
      env: { ...process.env, ...environment },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    if (sharedEngines) serveEngines(child, sharedEngines);
    const exited = waitForExit(child).then((status) => {
      this.#children.delete(child);
      return describeExit(status);
    });
    return { pid: child.pid, ready: Promise.resolve(), exited };
  }

  async #requeueTasks(pid: number | undefined): Promise<void> {
    if (pid === undefined) return;
    try {
      await this.#records.requeueOrphans((lease) => pidFromLease(lease) === pid);
    } catch (err) {
      this.#log.warn({ err, worker_pid: pid }, 'cannot requeue the tasks of the worker; their leases will expire');
    }
  }
}
