import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isUnreachable } from '../../database/database.ts';
import { oneLine } from '../../errors.ts';
import { embedKind } from '../embed/embed-kind.ts';
import type { Task } from '../job.ts';
import type { JobKind, Resources, TaskContext } from '../job-kind.ts';
import type { JobSpec, JobSpecs, JobType } from '../job-spec.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Begun, TaskRecords } from '../queue/task-records.ts';
import { trainKind } from '../train/train-kind.ts';
import { workerId } from './lease.ts';
import { isFinal, toJobError } from './task-errors.ts';
import { TaskProgressMeter } from './task-progress.ts';

/** Two, so that the engines have work while one part ends and is written. */
const LANES = 2;
const IDLE_MS = 500;
const REPORT_MS = 1000;
const DATABASE_RETRY_MS = 1000;

const KINDS: { readonly [T in JobType]: JobKind<JobSpecs[T]> } = { embed: embedKind, train: trainKind };

/** The kind that a stored job is of, whose spec it was stored with. */
function kindOf(type: string): JobKind<JobSpec> {
  return KINDS[type as JobType] as JobKind<JobSpec>;
}

/** Takes tasks of jobs, does them, and reports on them. Whatever it has in hand when it dies, others take up. */
export class Worker {
  readonly #id = workerId(process.pid);
  readonly #queue: TaskQueue;
  readonly #records: TaskRecords;
  readonly #resources: Resources;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #lanes: readonly Promise<void>[] = [];

  constructor(queue: TaskQueue, records: TaskRecords, resources: Resources, log: Logger) {
    this.#queue = queue;
    this.#records = records;
    this.#resources = resources;
    this.#log = log;
  }

  start(): void {
    this.#lanes = Array.from({ length: LANES }, () => this.#work());
  }

  /** Gives back what it has in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes);
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const task = await this.#queue.take().catch((error: unknown) => {
        this.#log.warn({ problem: oneLine(error) }, 'cannot ask for work');
        return undefined;
      });
      if (task === undefined) await delay(IDLE_MS, undefined, { signal }).catch(() => {});
      else await this.#do(task);
    }
  }

  /** Never throws: what cannot even be told to the database is told to the log, and the lease runs out. */
  async #do(task: Task): Promise<void> {
    const log = this.#log.child({ job: task.jobId, step: task.step, part: task.part });
    // A new one each time: the lanes of a worker, and a worker before and after it lost its lease, are told apart.
    const lease = `${this.#id}:${randomUUID()}`;
    try {
      const begun = await this.#records.begin(task, lease, (type) => kindOf(type).phases[task.step]);
      if (begun !== undefined) await this.#run(task, begun, lease, log);
    } catch (error) {
      log.error({ err: error }, 'the task is lost to this worker');
    }
  }

  async #run(task: Task, { type, spec }: Begun, lease: string, log: Logger): Promise<void> {
    const cancelled = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, cancelled.signal]);
    const meter = new TaskProgressMeter();
    const context: TaskContext = {
      jobId: task.jobId,
      resources: this.#resources,
      signal,
      log,
      progress: (done, total, detail) => meter.note(done, total, detail),
    };
    const report = async () => {
      try {
        const state = await this.#records.report(task, lease, meter.read());
        if (state !== 'running') cancelled.abort();
      } catch (error) {
        log.warn({ problem: oneLine(error) }, 'cannot report');
      }
    };
    let reporting: Promise<void> | undefined;
    const reports = setInterval(() => {
      // A database that is slow gets no second report before it has answered the first.
      reporting ??= report().finally(() => {
        reporting = undefined;
      });
    }, REPORT_MS);
    let tell: () => Promise<void>;
    try {
      tell = await this.#step(task, kindOf(type), spec as unknown as JobSpec, context);
      log.debug('done');
      clearInterval(reports);
      await reporting;
      // The numbers that stay with the job are those of the last moment, not of a second before.
      if (meter.hasDetail) await report();
    } catch (error) {
      if (signal.aborted) tell = () => this.#records.letGo(task, lease);
      else {
        log.error({ err: error }, 'the task failed');
        const told = toJobError(error);
        tell = isFinal(error)
          ? () => this.#records.failed(task, lease, told)
          : () => this.#records.stumbled(task, lease, told);
      }
    } finally {
      clearInterval(reports);
    }
    await this.#untilReached(tell, log);
  }

  /** Does the work, and gives what is to be told of it. */
  async #step(task: Task, kind: JobKind<JobSpec>, spec: JobSpec, context: TaskContext): Promise<() => Promise<void>> {
    if (task.step === 'plan') {
      const plan = await kind.plan(spec, context);
      return () => this.#records.planned(task, plan);
    }
    if (task.step === 'part') {
      const { done, bad } = await kind.part(spec, task.part, context);
      return () => this.#records.partDone(task, done, bad);
    }
    const artifacts = await kind.finish(spec, context);
    return () => this.#records.finished(task, artifacts);
  }

  /** A database that is away comes back; work that is done is not thrown away for it. */
  async #untilReached(tell: () => Promise<void>, log: Logger): Promise<void> {
    for (;;) {
      try {
        await tell();
        return;
      } catch (error) {
        if (!isUnreachable(error) || this.#stopping.signal.aborted) throw error;
        log.warn({ problem: oneLine(error) }, 'waiting for the database');
        await delay(DATABASE_RETRY_MS);
      }
    }
  }
}
