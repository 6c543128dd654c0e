import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import { type Config, toEnvironment } from '../config.ts';
import { namingUnavailable } from '../database/database.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import type { ServedModels } from '../embedding/served-models.ts';
import { firstLine, PanelvecError } from '../errors.ts';
import { readableFolders } from '../example-pages.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';
import { type SpanAttributes, withSpan } from '../tracing/tracing.ts';
import { isProcessRunning } from '../util/is-process-running.ts';
import { withinTime } from '../util/within-time.ts';
import { AbandonedCollections } from './index/abandoned-collections.ts';
import { type Artifact, hasEnded, type Job, type JobState } from './job.ts';
import { type JobRequest, resolveJob } from './job-spec.ts';
import { type JobFilter, JobRecords, type Submission } from './queue/job-records.ts';
import { TaskQueue } from './queue/task-queue.ts';
import { TaskRecords } from './queue/task-records.ts';
import type { ServiceSubmissionContext } from './submission.ts';
import { pidFromLease } from './worker/lease.ts';
import { LocalWorkers } from './worker/local-workers.ts';
import type { SharedEngines } from './worker/shared-engines.ts';

const WATCH_INTERVAL_MS = 500;
/** Batches of workers per engine: one that runs, one in its pipe, one on the way. */
const SHARED_BATCHES_PER_ENGINE = 3;
/** Who asks how the jobs are does not wait as long as a query may take. */
const HEALTH_TIMEOUT_MS = 2000;

/** Whether the jobs of a service can run. */
export interface JobsHealth {
  readonly database: 'embedded' | 'server';
  /** Why the database cannot be used; null while it answers */
  readonly databaseProblem: string | null;
  /** Of this service. Workers on other machines are not counted */
  readonly workers: LocalWorkers['counts'];
  /** Jobs by state; empty while the database cannot be used */
  readonly states: Readonly<Partial<Record<JobState, number>>>;
}

/** What jobs need of the services. */
interface JobsServices {
  readonly models: ServedModels;
  readonly database: ServiceDatabase;
  readonly collections: CollectionDatabase;
  readonly registry: ModelRegistry;
}

/** The jobs of a service: submits, watches and cancels them, and starts the workers that do them. */
export class Jobs {
  readonly #config: Config;
  readonly #submissionContext: ServiceSubmissionContext;
  readonly #log: Logger;
  readonly #registry: ModelRegistry;
  readonly #queue: TaskQueue;
  readonly #records: JobRecords;
  readonly #tasks: TaskRecords;
  readonly #abandonedCollections: AbandonedCollections;
  #workers: LocalWorkers | undefined;

  constructor(config: Config, services: JobsServices, log: Logger) {
    const { models, database: serviceDatabase, collections, registry } = services;
    const { database } = serviceDatabase;
    this.#config = config;
    this.#log = log;
    this.#registry = registry;
    this.#submissionContext = {
      home: config.home,
      dataRoots: readableFolders(config),
      getModel: (name) => findJobModel(name, models, registry),
      assertCollections: () => collections.use(async () => {}),
    };
    this.#queue = new TaskQueue(database);
    this.#records = new JobRecords(database, this.#queue);
    this.#tasks = new TaskRecords(database, this.#queue);
    this.#abandonedCollections = new AbandonedCollections(collections, this.#records, config.home, log);
  }

  get isEnabled(): boolean {
    return this.#config.jobs === 'on';
  }

  /** Gives back the tasks of workers that are gone. The database must have started. */
  async start(): Promise<void> {
    if (this.isEnabled) await this.#tasks.requeueOrphans(isLeaseOfDeadWorker);
  }

  /** Starts the workers. Called last: they need the databases and the shared engines. */
  startWorkers(pool: ModelPools): void {
    if (!this.isEnabled) return;
    const { workers, workerEngines, workerIdleSeconds } = this.#config;
    const settings = {
      count: workers,
      idleSeconds: workerIdleSeconds,
      environment: toEnvironment(this.#config),
      sharedEngines: workerEngines === 'shared' ? this.#shareEngines(pool) : undefined,
    };
    this.#workers = new LocalWorkers(settings, this.#queue, this.#tasks, this.#log);
    this.#workers.start();
    this.#abandonedCollections.start();
  }

  #shareEngines(pool: ModelPools): SharedEngines {
    const { devices, maxBatch } = this.#config;
    return {
      runBulk: (model, item, signal) => pool.runBulk(model, item, signal),
      findShared: (id) => {
        const model = pool.findKnown(id);
        if (model === undefined) return undefined;
        const { space, folder, spec } = model;
        const maxViews = SHARED_BATCHES_PER_ENGINE * devices.length * maxBatch;
        return { id, space, folder, maxPanels: Math.ceil(maxViews / spec.vision.grid_views) };
      },
    };
  }

  async stopWorkers(): Promise<void> {
    await this.#abandonedCollections.stop();
    await this.#workers?.stop();
  }

  /** Submits a job. @throws PanelvecError naming the field of the spec; idempotency_conflict, output_conflict */
  submit(request: JobRequest, idempotencyKey: string | undefined): Promise<{ job: Job; created: boolean }> {
    return this.#withDatabase(async () => {
      // Checked first: since then its input may be gone, and its output may exist.
      const existing = await this.#records.findRepeated(request, idempotencyKey);
      if (existing !== undefined) return { job: existing, created: false };
      // A model that a job has just built may be named in the next.
      await this.#registry.refresh();
      const spec = await resolveJob(request, this.#submissionContext);
      return this.#submitResolved({ type: spec.type, spec, request, idempotencyKey });
    });
  }

  /** The span of the job: those of its tasks are below it, whenever and wherever they run. */
  #submitResolved(submission: Submission): Promise<{ job: Job; created: boolean }> {
    const { type } = submission;
    const submit = async (addAttributes: (attributes: SpanAttributes) => void) => {
      const submitted = await this.#records.submit(submission);
      addAttributes({ 'panelvec.job.id': submitted.job.id, 'panelvec.job.is_new': submitted.created });
      return submitted;
    };
    return withSpan(`job ${type}`, { 'panelvec.job.type': type }, submit, 'producer');
  }

  /** @throws PanelvecError not_found */
  get(id: string): Promise<Job> {
    return this.#withDatabase(() => this.#records.get(id));
  }

  list(filter: JobFilter): Promise<{ jobs: Job[]; more: boolean }> {
    return this.#withDatabase(() => this.#records.list(filter));
  }

  countByState(): Promise<{ type: string; state: JobState; count: number }[]> {
    return this.#withDatabase(() => this.#records.countByState());
  }

  countOpenTasks(): Promise<{ readonly waiting: number; readonly running: number }> {
    return this.#withDatabase(() => this.#queue.countOpen());
  }

  /** Of this service */
  get workerCounts(): LocalWorkers['counts'] {
    return this.#workers?.counts ?? { expected: this.#config.workers, running: 0, asleep: 0 };
  }

  /** Never rejects. Null where jobs are off. */
  async health(): Promise<JobsHealth | null> {
    if (!this.isEnabled) return null;
    const database = this.#config.databaseUrl === undefined ? 'embedded' : 'server';
    const workers = this.workerCounts;
    try {
      const states: Partial<Record<JobState, number>> = {};
      for (const { state, count } of await withinTime(this.#records.countByState(), HEALTH_TIMEOUT_MS)) {
        states[state] = (states[state] ?? 0) + count;
      }
      return { database, databaseProblem: null, workers, states };
    } catch (error) {
      return { database, databaseProblem: firstLine(error), workers, states: {} };
    }
  }

  cancel(id: string): Promise<Job> {
    return this.#withDatabase(() => this.#records.cancel(id));
  }

  /** The absolute path of an artefact on this machine. */
  artifactPath({ path: relative }: Artifact): string {
    return path.join(this.#config.home, relative);
  }

  /** Yields the job now, if it has changed after `revision`, and after each change until it has ended. */
  async *changes(id: string, revision: number, signal: AbortSignal): AsyncGenerator<Job> {
    for (let lastRevision = revision; !signal.aborted; ) {
      const job = await this.get(id);
      if (job.revision > lastRevision) {
        lastRevision = job.revision;
        yield job;
      }
      if (hasEnded(job.state)) return;
      await delay(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Turns errors of an unreachable database into database_unavailable, which a client may retry. */
  async #withDatabase<T>(operation: () => Promise<T>): Promise<T> {
    if (!this.isEnabled) throw new PanelvecError('jobs_off', 'this service takes no jobs (PANELVEC_JOBS=off)');
    return namingUnavailable(operation);
  }
}

/** Jobs may use models that are registered and not served: a model is evaluated before it is activated. */
function findJobModel(name: string | undefined, models: ServedModels, registry: ModelRegistry): Model {
  const registered = name === undefined || models.has(name) ? undefined : registry.find(name);
  const isUsable = registered?.problem === null && registered.retiredAt === null;
  return (isUsable ? registered.model : undefined) ?? models.find(name).model;
}

function isLeaseOfDeadWorker(lease: string): boolean {
  const pid = pidFromLease(lease);
  return pid !== undefined && !isProcessRunning(pid);
}
