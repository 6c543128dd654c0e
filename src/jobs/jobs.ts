import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isAlive } from '../alive.ts';
import { type Config, environmentOf } from '../config.ts';
import { Database, isUnreachable } from '../database/database.ts';
import { EmbeddedDatabase } from '../database/embedded/process.ts';
import type { ServedModels } from '../embedding/served-models.ts';
import { oneLine, PanelvecError } from '../errors.ts';
import type { EnginePool } from '../inference/engine-pool.ts';
import { type Artifact, hasEnded, type Job, type JobState } from './job.ts';
import type { JobRequest } from './job-spec.ts';
import { type JobFilter, JobRecords } from './queue/job-records.ts';
import { TaskQueue } from './queue/task-queue.ts';
import { TaskRecords } from './queue/task-records.ts';
import { resolveJob } from './resolve.ts';
import type { SubmissionRules } from './submission-rules.ts';
import { pidOfLease } from './worker/lease.ts';
import { LocalWorkers } from './worker/local-workers.ts';

const DATABASE_PATIENCE_MS = 30_000;
const WATCH_MS = 500;
/** For each engine: one that runs, one in its pipe, one that arrives. */
const BATCHES_LENT = 3;
const RETRY_AFTER_SECONDS = 5;

/** The jobs of a service: submitted, watched and cancelled here, worked on by workers. */
export class Jobs {
  readonly #config: Config;
  readonly #rules: SubmissionRules;
  readonly #log: Logger;
  readonly #database: Database;
  readonly #queue: TaskQueue;
  readonly #records: JobRecords;
  readonly #tasks: TaskRecords;
  #embedded: EmbeddedDatabase | undefined;
  #workers: LocalWorkers | undefined;

  /** Touches nothing before it is started. */
  constructor(config: Config, models: ServedModels, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#rules = {
      home: config.home,
      dataRoots: config.dataRoots,
      served: (name) => models.get(name).model,
    };
    this.#database = new Database({ url: config.databaseUrl, home: config.home }, log);
    this.#queue = new TaskQueue(this.#database, log);
    this.#records = new JobRecords(this.#database, this.#queue);
    this.#tasks = new TaskRecords(this.#database, this.#queue);
  }

  get on(): boolean {
    return this.#config.jobs === 'on';
  }

  /** @throws PanelvecError config_invalid where there is no database */
  async start(): Promise<void> {
    if (!this.on) return;
    const { home, databaseUrl } = this.#config;
    if (databaseUrl === undefined) this.#embedded = await EmbeddedDatabase.start(home, this.#log);
    await this.#database.prepare(DATABASE_PATIENCE_MS);
    await this.#queue.start();
    await this.#tasks.releaseLost(isOfDeadWorker);
  }

  /** Workers come last: they need the database, and the engines that they share. */
  startWorkers(pool: EnginePool, models: ServedModels): void {
    if (!this.on) return;
    const { workers, workerEngines, devices, maxBatch } = this.#config;
    const loan = {
      models: models.all.map(({ id, space }) => ({ id, space })),
      panels: BATCHES_LENT * devices.length * maxBatch,
    };
    const settings = {
      count: workers,
      environment: environmentOf(this.#config),
      lender: workerEngines === 'shared' ? { pool, loan } : undefined,
    };
    this.#workers = new LocalWorkers(settings, this.#tasks, this.#log);
    this.#workers.start();
  }

  async stopWorkers(): Promise<void> {
    await this.#workers?.stop();
  }

  /** After the workers. */
  async stop(): Promise<void> {
    if (this.on) await this.#queue.stop();
    await this.#database.close();
    await this.#embedded?.stop();
  }

  /** @throws PanelvecError naming the field of the spec; idempotency_conflict, output_conflict */
  submit(request: JobRequest, idempotencyKey: string | undefined): Promise<{ job: Job; created: boolean }> {
    return this.#reach(async () => {
      // First of all: its files may be gone meanwhile, and its output be there.
      const known = await this.#records.repeated(request, idempotencyKey);
      if (known !== undefined) return { job: known, created: false };
      const spec = await resolveJob(request, this.#rules);
      return this.#records.submit({ type: spec.type, spec, request, idempotencyKey });
    });
  }

  /** @throws PanelvecError not_found */
  get(id: string): Promise<Job> {
    return this.#reach(() => this.#records.get(id));
  }

  list(filter: JobFilter): Promise<{ jobs: Job[]; more: boolean }> {
    return this.#reach(() => this.#records.list(filter));
  }

  counts(): Promise<{ type: string; state: JobState; count: number }[]> {
    return this.#reach(() => this.#records.counts());
  }

  cancel(id: string): Promise<Job> {
    return this.#reach(() => this.#records.cancel(id));
  }

  /** Where an artefact is on this machine. */
  pathOf({ path: relative }: Artifact): string {
    return path.join(this.#config.home, relative);
  }

  /** The job as it is now if that is later than `revision`, and whenever it changes, until it has ended. */
  async *changes(id: string, revision: number, signal: AbortSignal): AsyncGenerator<Job> {
    for (let last = revision; !signal.aborted; ) {
      const job = await this.get(id);
      if (job.revision > last) {
        last = job.revision;
        yield job;
      }
      if (hasEnded(job.state)) return;
      await delay(WATCH_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** What fails because the database is away may be tried again. */
  async #reach<T>(work: () => Promise<T>): Promise<T> {
    if (!this.on) throw new PanelvecError('jobs_off', 'this service takes no jobs (PANELVEC_JOBS=off)');
    try {
      return await work();
    } catch (cause) {
      if (!isUnreachable(cause)) throw cause;
      throw new PanelvecError('database_unavailable', `the database is away: ${oneLine(cause)}`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause,
      });
    }
  }
}

function isOfDeadWorker(lease: string): boolean {
  const pid = pidOfLease(lease);
  return pid !== undefined && !isAlive(pid);
}
