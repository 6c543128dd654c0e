import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isTransientError } from '../../database/database.ts';
import { firstLine } from '../../errors.ts';
import type { Task } from '../job.ts';
import type { JobKind, Resources, TaskContext } from '../job-kind.ts';
import type { JobSpec } from '../job-spec.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { StartedTask, TaskRecords } from '../queue/task-records.ts';
import { getJobKind } from './job-kinds.ts';
import { workerId } from './lease.ts';
import { isPermanent, toJobError } from './task-errors.ts';
import { TaskProgressMeter } from './task-progress-meter.ts';

/** Two, so that the engines have work while one part ends and is written. */
const CONCURRENCY = 2;
const IDLE_DELAY_MS = 500;
const REPORT_INTERVAL_MS = 1000;
const DATABASE_RETRY_DELAY_MS = 1000;

/** Takes tasks of jobs, does them, and reports on them. Whatever it has in hand when it dies, others take up. */
export class JobWorker {
  readonly #id = workerId(process.pid);
  readonly #queue: TaskQueue;
  readonly #records: TaskRecords;
  readonly #resources: Resources;
  readonly #log: Logger;
  readonly #stopController = new AbortController();
  #loops: readonly Promise<void>[] = [];

  constructor(queue: TaskQueue, records: TaskRecords, resources: Resources, log: Logger) {
    this.#queue = queue;
    this.#records = records;
    this.#resources = resources;
    this.#log = log;
  }

  start(): void {
    this.#loops = Array.from({ length: CONCURRENCY }, () => this.#processTasks());
  }

  /** Gives back what it has in hand. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await Promise.all(this.#loops);
  }

  async #processTasks(): Promise<void> {
    const { signal } = this.#stopController;
    while (!signal.aborted) {
      const task = await this.#queue.take().catch((error: unknown) => {
        this.#log.warn({ problem: firstLine(error) }, 'cannot ask for work');
        return undefined;
      });
      if (task === undefined) await delay(IDLE_DELAY_MS, undefined, { signal }).catch(() => {});
      else await this.#processTask(task);
    }
  }

  /** Never throws: what cannot even be told to the database is told to the log, and the lease runs out. */
  async #processTask(task: Task): Promise<void> {
    const log = this.#log.child({ job: task.jobId, step: task.step, part: task.part });
    // A new one each time: the lanes of a worker, and a worker before and after it lost its lease, are told apart.
    const lease = `${this.#id}:${randomUUID()}`;
    try {
      const started = await this.#records.begin(task, lease, (type) => getJobKind(type).phases[task.step]);
      if (started !== undefined) await this.#runTask(task, started, lease, log);
    } catch (error) {
      log.error({ err: error }, 'the task is lost to this worker');
    }
  }

  async #runTask(task: Task, { type, spec }: StartedTask, lease: string, log: Logger): Promise<void> {
    const cancelController = new AbortController();
    const signal = AbortSignal.any([this.#stopController.signal, cancelController.signal]);
    const meter = new TaskProgressMeter();
    const context: TaskContext = {
      jobId: task.jobId,
      resources: this.#resources,
      signal,
      log,
      reportProgress: (done, total, detail) => meter.record(done, total, detail),
    };
    const sendReport = async () => {
      try {
        const state = await this.#records.report(task, lease, meter.read());
        if (state !== 'running') cancelController.abort();
      } catch (error) {
        log.warn({ problem: firstLine(error) }, 'cannot report');
      }
    };
    let pendingReport: Promise<void> | undefined;
    const reportTimer = setInterval(() => {
      // A database that is slow gets no second report before it has answered the first.
      pendingReport ??= sendReport().finally(() => {
        pendingReport = undefined;
      });
    }, REPORT_INTERVAL_MS);
    let recordOutcome: () => Promise<void>;
    try {
      recordOutcome = await this.#runStep(task, getJobKind(type), spec as unknown as JobSpec, context);
      log.debug('done');
      clearInterval(reportTimer);
      await pendingReport;
      // The numbers that stay with the job are those of the last moment, not of a second before.
      if (meter.hasDetail) await sendReport();
    } catch (error) {
      if (signal.aborted) recordOutcome = () => this.#records.release(task, lease);
      else {
        log.error({ err: error }, 'the task failed');
        const jobError = toJobError(error);
        recordOutcome = isPermanent(error)
          ? () => this.#records.fail(task, lease, jobError)
          : () => this.#records.failTransiently(task, lease, jobError);
      }
    } finally {
      clearInterval(reportTimer);
    }
    await this.#retryWhileUnreachable(recordOutcome, log);
  }

  /** Does the work, and gives what is to be told of it. */
  async #runStep(
    task: Task,
    kind: JobKind<JobSpec>,
    spec: JobSpec,
    context: TaskContext,
  ): Promise<() => Promise<void>> {
    if (task.step === 'plan') {
      const plan = await kind.plan(spec, context);
      return () => this.#records.completePlan(task, plan);
    }
    if (task.step === 'part') {
      const { done, badPages } = await kind.part(spec, task.part, context);
      return () => this.#records.completePart(task, done, badPages);
    }
    const artifacts = await kind.finish(spec, context);
    return () => this.#records.completeFinish(task, artifacts);
  }

  /** A database that is away comes back; work that is done is not thrown away for it. */
  async #retryWhileUnreachable(recordOutcome: () => Promise<void>, log: Logger): Promise<void> {
    for (;;) {
      try {
        await recordOutcome();
        return;
      } catch (error) {
        if (!isTransientError(error) || this.#stopController.signal.aborted) throw error;
        log.warn({ problem: firstLine(error) }, 'waiting for the database');
        await delay(DATABASE_RETRY_DELAY_MS);
      }
    }
  }
}
