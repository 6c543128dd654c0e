import { randomUUID } from 'node:crypto';
import { type ConnectionOptions, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../../database/database.ts';
import type { Queries } from '../../database/queries.ts';
import { oneLine } from '../../errors.ts';
import type { Step, Task } from '../job.ts';

const QUEUE = 'tasks';
const SCHEMA = 'panelvec_queue';
const CONNECTIONS = 2;
/** Passed on to node-postgres: a server that is gone without a word must not hold a worker for ever. */
const QUERY_LIMITS = { keepAlive: true, query_timeout: 20_000, lock_timeout: 15_000 };
/** The least that pg-boss takes. A worker that is silent for longer has lost its task. */
const LEASE_SECONDS = 10;
const SUPERVISE_SECONDS = 3;
/** Losses are counted, and bounded, with the job: the queue itself never gives up. */
const RETRIES = 1_000_000;
const RETRY_DELAY_SECONDS = 1;
const A_DAY_SECONDS = 86_400;
const TEN_YEARS_SECONDS = 3650 * A_DAY_SECONDS;

interface Payload {
  readonly jobId: string;
  readonly step: Step;
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
      backend: database.embedded ? 'pglite' : 'postgres',
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.#boss.on('error', (error) =>
      log.warn({ problem: oneLine(error instanceof Error ? error : JSON.stringify(error)) }, 'the queue has a problem'),
    );
  }

  async start(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(QUEUE, {
      heartbeatSeconds: LEASE_SECONDS,
      expireInSeconds: A_DAY_SECONDS,
      retryLimit: RETRIES,
      retryDelay: RETRY_DELAY_SECONDS,
      retentionSeconds: TEN_YEARS_SECONDS,
      deleteAfterSeconds: A_DAY_SECONDS,
    });
    // pg-boss looks a queue up, over a connection of its own, when it is first used. Within a transaction that would wait
    // for ever on the embedded database, where there is one transaction at a time.
    await this.#boss.touch(QUEUE, [randomUUID()]);
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false });
  }

  /** Part of a transaction: tasks are sent with what says that they are there. */
  async send(tasks: readonly Task[], queries: Queries): Promise<void> {
    const jobs = tasks.map(({ id, jobId, step, part }) => ({ id, data: { jobId, step, part } satisfies Payload }));
    await this.#boss.insert(QUEUE, jobs, { db: inside(queries) });
  }

  /** The next task, which is this worker's as long as it is kept. */
  async take(): Promise<Task | undefined> {
    const [job] = await this.#boss.fetch<Payload>(QUEUE);
    return job && { id: job.id, ...job.data };
  }

  /** Says that the tasks are still being worked on; well within LEASE_SECONDS. */
  async keep(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.touch(QUEUE, [...ids]);
  }

  async complete(id: string, queries: Queries): Promise<void> {
    await this.#boss.complete(QUEUE, id, null, { db: inside(queries) });
  }

  /** Puts tasks back at once, for any other worker. */
  async giveBack(ids: readonly string[], queries: Queries): Promise<void> {
    if (ids.length === 0) return;
    // pg-boss knows no other way back that is not a failure; within one transaction nothing comes between the two.
    await this.#boss.cancel(QUEUE, [...ids], { db: inside(queries) });
    await this.#boss.resume(QUEUE, [...ids], { db: inside(queries) });
  }

  /** Puts a task back, to be taken after a pause. */
  async retryLater(id: string, queries: Queries): Promise<void> {
    await this.#boss.fail(QUEUE, id, null, { db: inside(queries) });
  }

  /** Tasks that nobody shall take any more. */
  async drop(ids: readonly string[], queries: Queries): Promise<void> {
    if (ids.length > 0) await this.#boss.deleteJob(QUEUE, [...ids], { db: inside(queries) });
  }
}

function inside(queries: Queries): NonNullable<ConnectionOptions['db']> {
  return { executeSql: (text, values) => queries.query(text, values as unknown[]) };
}
