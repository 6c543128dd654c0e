import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isTransientError } from '../../database/database.ts';
import { failActiveSpan, withoutSpan } from '../../tracing/tracing.ts';
import type { Task } from '../job.ts';
import { JobFailure } from '../job-failure.ts';
import type { Resources, TaskContext } from '../job-kind.ts';
import { readStoredSpec } from '../job-spec.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { StartedTask, TaskRecords } from '../queue/task-records.ts';
import { getJobKind } from './job-kind-registry.ts';
import { workerId } from './lease.ts';
import { isPermanent, toJobError } from './task-errors.ts';
import { TaskProgressMeter } from './task-progress-meter.ts';
import { withTaskSpan } from './task-span.ts';

/** Tasks at a time: while one part ends and is written, the other keeps the engines busy. */
const CONCURRENCY = 2;
const IDLE_DELAY_MS = 500;
const REPORT_INTERVAL_MS = 1000;
const DATABASE_RETRY_DELAY_MS = 1000;
/** The phase of a job that only has to write its reports */
const REPORTING_PHASE = 'reporting';

/** Takes tasks of jobs, does them and reports on them. If it dies, others take over its tasks. */
export class JobWorker {
  readonly #id = workerId(process.pid);
  readonly #queue: TaskQueue;
  readonly #records: TaskRecords;
  readonly #resources: Resources;
  readonly #log: Logger;
  readonly #stopController = new AbortController();
  #loops: readonly Promise<void>[] = [];
  #tasksInWork = 0;
  #idleSince = performance.now();

  constructor(queue: TaskQueue, records: TaskRecords, resources: Resources, log: Logger) {
    this.#queue = queue;
    this.#records = records;
    this.#resources = resources;
    this.#log = log;
  }

  start(): void {
    this.#loops = Array.from({ length: CONCURRENCY }, () => this.#processTasks());
  }

  /** Stops and gives its tasks back. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await Promise.all(this.#loops);
  }

  /** Resolves when it has had no task for a time. */
  async waitUntilIdle(idleMs: number): Promise<void> {
    for (;;) {
      const remainingMs = this.#tasksInWork > 0 ? idleMs : this.#idleSince + idleMs - performance.now();
      if (remainingMs <= 0) return;
      await delay(remainingMs, undefined, { ref: false });
    }
  }

  async #processTasks(): Promise<void> {
    const { signal } = this.#stopController;
    while (!signal.aborted) {
      const task = await this.#queue.take().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'cannot take a task from the queue');
        return undefined;
      });
      if (task === undefined) await delay(IDLE_DELAY_MS, undefined, { signal }).catch(() => {});
      else {
        this.#tasksInWork++;
        await this.#processTask(task);
        this.#tasksInWork--;
        this.#idleSince = performance.now();
      }
    }
  }

  /** Never throws: an error that cannot even be recorded in the database is logged, and the lease expires. */
  async #processTask(task: Task): Promise<void> {
    const log = this.#log.child({ job: task.jobId, step: task.step, part: task.part });
    // A new one for each task: it tells the loops of a worker apart, and a worker before and after it lost its lease.
    const lease = `${this.#id}:${randomUUID()}`;
    try {
      const started = await this.#records.begin(task, lease, (stored) =>
        stored.failure === null ? getJobKind(stored).phases[task.step] : REPORTING_PHASE,
      );
      if (started !== undefined) await withTaskSpan(task, started, () => this.#runTask(task, started, lease, log));
    } catch (error) {
      log.error({ err: error }, 'the task is given up, and its lease will expire');
    }
  }

  async #runTask(task: Task, started: StartedTask, lease: string, log: Logger): Promise<void> {
    const cancelController = new AbortController();
    const signal = AbortSignal.any([this.#stopController.signal, cancelController.signal]);
    const meter = new TaskProgressMeter();
    const context: TaskContext = {
      jobId: task.jobId,
      resources: this.#resources,
      signal,
      log,
      reportProgress: (done, total, detail) => meter.record(done, total, detail),
      findRate: (model) => this.#records.findRate(model),
    };
    const sendReport = async () => {
      try {
        const state = await this.#records.report(task, lease, meter.read());
        if (state !== 'running') cancelController.abort();
      } catch (error) {
        log.warn({ err: error }, 'cannot report progress');
      }
    };
    let pendingReport: Promise<void> | undefined;
    const report = () => {
      // A slow database gets no second report before it has answered the first.
      pendingReport ??= sendReport().finally(() => {
        pendingReport = undefined;
      });
    };
    // Outside of the span of the task, which would have queries for each second.
    const reportTimer = withoutSpan(() => setInterval(report, REPORT_INTERVAL_MS));
    let recordOutcome: () => Promise<void>;
    try {
      recordOutcome = await this.#runStep(task, started, context);
      log.debug('done');
      clearInterval(reportTimer);
      await pendingReport;
      // So that the job keeps the last numbers, not those of a second before.
      if (meter.hasDetail) await sendReport();
    } catch (error) {
      if (signal.aborted) recordOutcome = () => this.#records.release(task, lease);
      else {
        failActiveSpan(error);
        log.error({ err: error }, 'the task failed');
        const jobError = toJobError(error);
        const reports = error instanceof JobFailure ? error.artifacts : [];
        recordOutcome = isPermanent(error)
          ? () => this.#records.fail(task, lease, jobError, reports)
          : () => this.#records.failTransiently(task, lease, jobError);
      }
    } finally {
      clearInterval(reportTimer);
    }
    await this.#retryWhileUnreachable(recordOutcome, log);
  }

  /** Runs a step, and returns a function that records its outcome. */
  async #runStep(task: Task, started: StartedTask, context: TaskContext): Promise<() => Promise<void>> {
    const kind = getJobKind(started);
    const spec = readStoredSpec(started.spec);
    if (started.failure !== null) throw await kind.reportBadPages(spec, context);
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

  /** Retries while the database is unreachable, so that finished work is not lost. */
  async #retryWhileUnreachable(recordOutcome: () => Promise<void>, log: Logger): Promise<void> {
    for (;;) {
      try {
        await recordOutcome();
        return;
      } catch (error) {
        if (!isTransientError(error) || this.#stopController.signal.aborted) throw error;
        log.warn({ err: error }, 'the database is unreachable, trying again');
        await delay(DATABASE_RETRY_DELAY_MS);
      }
    }
  }
}
