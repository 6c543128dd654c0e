import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { childEnvironment } from '../../process/child-environment.ts';
import { describeExit, terminateChild, waitForExit } from '../../process/child-process.ts';
import { codeFile } from '../../process/code-file.ts';
import { fixedDelay, type SupervisedProcess, supervise } from '../../process/supervise.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { TaskRecords } from '../queue/task-records.ts';
import { pidFromLease } from './lease.ts';
import { type SharedEngines, serveEngines } from './shared-engines.ts';

const MAIN = codeFile(import.meta, '../../main');
const RESTART_POLICY = fixedDelay(500);
const STOP_GRACE_MS = 10_000;
const WATCH_INTERVAL_MS = 500;
/** A task that nobody has taken for so long has found no worker that runs. */
const MAX_TASK_WAIT_MS = 3000;

export interface LocalWorkerSettings {
  readonly count: number;
  /** Workers that run without a task for so long end, until there is one again. 0: all run from the start to the end */
  readonly idleSeconds: number;
  /** Configuration as environment variables */
  readonly environment: Readonly<Record<string, string>>;
  /** Engines that they may use; undefined where they have their own */
  readonly sharedEngines: SharedEngines | undefined;
}

/**
 * The workers that the service itself starts when tasks wait for them, and replaces when they end over their work. Their tasks
 * go back to the queue at once.
 */
export class LocalWorkers {
  readonly #settings: LocalWorkerSettings;
  readonly #queue: TaskQueue;
  readonly #records: TaskRecords;
  readonly #log: Logger;
  readonly #stopController = new AbortController();
  readonly #children = new Set<ChildProcess>();
  #running = 0;

  constructor(settings: LocalWorkerSettings, queue: TaskQueue, records: TaskRecords, log: Logger) {
    this.#settings = settings;
    this.#queue = queue;
    this.#records = records;
    this.#log = log;
  }

  start(): void {
    const { count, idleSeconds } = this.#settings;
    if (idleSeconds > 0) void this.#startForTasks();
    else for (let i = 0; i < count; i++) void this.#runOne();
  }

  /** Workers that the service may have, those that run, and those that start with the next task. */
  get counts(): { readonly expected: number; readonly running: number; readonly asleep: number } {
    const { count } = this.#settings;
    return { expected: count, running: this.#children.size, asleep: count - this.#running };
  }

  /** The workers give back their tasks. One that takes too long is killed, and its leases run out. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await Promise.all(
      [...this.#children].map((child) => terminateChild(child, { method: 'message', graceMs: STOP_GRACE_MS })),
    );
  }

  /** Watches the queue: tasks also come from other services of the database, from retries and from leases that run out. */
  async #startForTasks(): Promise<void> {
    const { signal } = this.#stopController;
    while (!signal.aborted) {
      const { asleep } = this.counts;
      if (asleep > 0) {
        const waiting = await this.#countWaiting(asleep);
        for (let i = 0; i < waiting && !signal.aborted; i++) void this.#runOne();
      }
      await delay(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #countWaiting(limit: number): Promise<number> {
    try {
      // A worker that runs takes a task sooner, if it has time for one.
      return await this.#queue.countWaiting(this.#running === 0 ? 0 : MAX_TASK_WAIT_MS, limit);
    } catch (err) {
      this.#log.warn({ err }, 'cannot see whether tasks wait for a worker');
      return 0;
    }
  }

  /** Keeps a worker running until it ends because it has had no task. */
  async #runOne(): Promise<void> {
    const idleController = new AbortController();
    const signal = AbortSignal.any([this.#stopController.signal, idleController.signal]);
    const ended = once(signal, 'abort');
    this.#running++;
    void supervise(() => this.#launch(idleController), {
      name: 'worker',
      restartPolicy: RESTART_POLICY,
      signal,
      log: this.#log,
      onExit: ({ pid }) => this.#requeueTasks(pid),
    });
    await ended;
    this.#running--;
  }

  /** @param idleController aborted when the worker has ended because it had no task */
  #launch(idleController: AbortController): SupervisedProcess {
    const { environment, sharedEngines, idleSeconds } = this.#settings;
    const child = fork(MAIN, ['worker'], {
      env: childEnvironment(environment),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    if (sharedEngines) serveEngines(child, sharedEngines);
    const exited = waitForExit(child).then((status) => {
      this.#children.delete(child);
      if (status[0] === 0 && idleSeconds > 0) idleController.abort();
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
