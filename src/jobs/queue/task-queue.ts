import { randomUUID } from 'node:crypto';
import { type ConnectionOptions, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../database/queryable.ts';
import { firstLine } from '../../errors.ts';
import type { Task, TaskStep } from '../job.ts';

const QUEUE = 'tasks';
const SCHEMA = 'panelvec_queue';
const CONNECTIONS = 2;
/** Passed on to node-postgres: a server that is gone without a word must not hold a worker for ever. */
const QUERY_LIMITS = { keepAlive: true, query_timeout: 20_000, lock_timeout: 15_000 };
/** The least that pg-boss takes. A worker that is silent for longer has lost its task. */
const LEASE_SECONDS = 10;
const SUPERVISE_SECONDS = 3;
/** Losses are counted, and bounded, with the job: the queue itself never gives up. */
const MAX_RETRIES = 1_000_000;
const RETRY_DELAY_SECONDS = 1;
const SECONDS_PER_DAY = 86_400;
const RETENTION_SECONDS = 3650 * SECONDS_PER_DAY;

interface TaskPayload {
  readonly jobId: string;
  readonly step: TaskStep;
  readonly part: number;
}

/** Tasks that wait for a worker, with leases, over pg-boss. */
export class TaskQueue {
  readonly #boss: PgBoss;

  constructor(database: Database, log: Logger) {
    this.#boss = new PgBoss({
      ...(database.address as object),
      ...(QUERY_LIMITS as object),
      schema: SCHEMA,
      max: CONNECTIONS,
      backend: database.isEmbedded ? 'pglite' : 'postgres',
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.#boss.on('error', (error) =>
      log.warn(
        { problem: firstLine(error instanceof Error ? error : JSON.stringify(error)) },
        'the queue has a problem',
      ),
    );
  }

  async start(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(QUEUE, {
      heartbeatSeconds: LEASE_SECONDS,
      expireInSeconds: SECONDS_PER_DAY,
      retryLimit: MAX_RETRIES,
      retryDelay: RETRY_DELAY_SECONDS,
      retentionSeconds: RETENTION_SECONDS,
      deleteAfterSeconds: SECONDS_PER_DAY,
    });
    // pg-boss looks a queue up, over a connection of its own, when it is first used. Within a transaction that would wait
    // for ever on the embedded database, where there is one transaction at a time.
    await this.#boss.touch(QUEUE, [randomUUID()]);
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false });
  }

  /** Part of a transaction: tasks are sent with what says that they are there. */
  async send(tasks: readonly Task[], queries: Queryable): Promise<void> {
    const bossJobs = tasks.map(({ id, jobId, step, part }) => ({
      id,
      data: { jobId, step, part } satisfies TaskPayload,
    }));
    await this.#boss.insert(QUEUE, bossJobs, { db: inTransaction(queries) });
  }

  /** The next task, which is this worker's as long as it is kept. */
  async take(): Promise<Task | undefined> {
    const [bossJob] = await this.#boss.fetch<TaskPayload>(QUEUE);
    return bossJob && { id: bossJob.id, ...bossJob.data };
  }

  /** Says that the tasks are still being worked on; well within LEASE_SECONDS. */
  async renewLeases(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.touch(QUEUE, [...ids]);
  }

  async complete(id: string, queries: Queryable): Promise<void> {
    await this.#boss.complete(QUEUE, id, null, { db: inTransaction(queries) });
  }

  /** Puts tasks back at once, for any other worker. */
  async requeue(ids: readonly string[], queries: Queryable): Promise<void> {
    if (ids.length === 0) return;
    // pg-boss knows no other way back that is not a failure; within one transaction nothing comes between the two.
    await this.#boss.cancel(QUEUE, [...ids], { db: inTransaction(queries) });
    await this.#boss.resume(QUEUE, [...ids], { db: inTransaction(queries) });
  }

  /** Puts a task back, to be taken after a pause. */
  async retryLater(id: string, queries: Queryable): Promise<void> {
    await this.#boss.fail(QUEUE, id, null, { db: inTransaction(queries) });
  }

  /** Tasks that nobody shall take any more. */
  async drop(ids: readonly string[], queries: Queryable): Promise<void> {
    if (ids.length > 0) await this.#boss.deleteJob(QUEUE, [...ids], { db: inTransaction(queries) });
  }
}

function inTransaction(queries: Queryable): NonNullable<ConnectionOptions['db']> {
  return { executeSql: (text, values) => queries.query(text, values as unknown[]) };
}
