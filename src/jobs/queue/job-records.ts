import { randomUUID } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { Queries } from '../../database/queries.ts';
import { PanelvecError } from '../../errors.ts';
import { hasEnded, type Job, type JobState } from '../job.ts';
import { type JobRow, SELECT_JOBS, toJob } from './job-rows.ts';
import type { TaskQueue } from './task-queue.ts';

const UNIQUE_VIOLATION = '23505';

export interface Submission {
  readonly type: string;
  /** Checked, with `output` */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
}

export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly type?: string | undefined;
  readonly limit: number;
  /** The last job of the page before */
  readonly after?: string | undefined;
}

/** Jobs as those see them who submit, watch and cancel. */
export class JobRecords {
  readonly #database: Database;
  readonly #queue: TaskQueue;

  constructor(database: Database, queue: TaskQueue) {
    this.#database = database;
    this.#queue = queue;
  }

  /**
   * The same key and spec give the same job again.
   * @throws PanelvecError idempotency_conflict for the key of another spec, output_conflict while a job writes there
   */
  async submit({ type, spec, idempotencyKey }: Submission): Promise<{ job: Job; created: boolean }> {
    const id = randomUUID();
    const taken = await this.#database
      .transaction(async (queries) => {
        const inserted = await queries.query(
          `INSERT INTO panelvec.jobs (id, type, spec, idempotency_key) VALUES ($1, $2, $3, $4)
           ON CONFLICT (idempotency_key) DO NOTHING RETURNING id`,
          [id, type, JSON.stringify(spec), idempotencyKey ?? null],
        );
        if (inserted.rows.length === 0) return true;
        const task = { id: randomUUID(), jobId: id, step: 'plan', part: 0 } as const;
        await queries.query(
          `INSERT INTO panelvec.tasks (id, job_id, step, part, total) VALUES ($1, $2, 'plan', 0, 0)`,
          [task.id, id],
        );
        await this.#queue.send([task], queries);
        return false;
      })
      .catch(async (error: { code?: string }) => {
        if (error.code !== UNIQUE_VIOLATION) throw error;
        // The same submission, sent twice at the same moment, meets itself at its output first.
        if (idempotencyKey !== undefined && (await this.#hasKey(idempotencyKey))) return true;
        throw new PanelvecError('output_conflict', `a job that has not ended writes to "${spec['output']}"`, {
          param: 'output',
          cause: error,
        });
      });
    if (!taken) return { job: await this.get(id), created: true };
    return { job: await this.#replay(type, spec, idempotencyKey!), created: false };
  }

  /** @throws PanelvecError not_found */
  async get(id: string): Promise<Job> {
    const job = await this.find(id);
    if (job === undefined) throw new PanelvecError('not_found', `there is no job ${id}`, { param: 'id' });
    return job;
  }

  async find(id: string): Promise<Job | undefined> {
    const { rows } = await this.#database.query<JobRow>(`${SELECT_JOBS} WHERE jobs.id = $1`, [id]);
    return rows[0] && toJob(rows[0]);
  }

  /** Newest first. */
  async list({ state, type, limit, after }: JobFilter): Promise<{ jobs: Job[]; more: boolean }> {
    const { rows } = await this.#database.query<JobRow>(
      `${SELECT_JOBS}
       WHERE ($1::text IS NULL OR jobs.state = $1) AND ($2::text IS NULL OR jobs.type = $2)
         AND ($3::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM panelvec.jobs WHERE id = $3))
       ORDER BY created_at DESC, id DESC LIMIT $4`,
      [state ?? null, type ?? null, after ?? null, limit + 1],
    );
    return { jobs: rows.slice(0, limit).map(toJob), more: rows.length > limit };
  }

  /** How many jobs of each type are in each state. */
  async counts(): Promise<{ type: string; state: JobState; count: number }[]> {
    const { rows } = await this.#database.query<{ type: string; state: JobState; count: string }>(
      'SELECT type, state, count(*) FROM panelvec.jobs GROUP BY type, state',
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /**
   * What waits is taken back at once; workers stop what they have in hand, and then the job is cancelled. Cancelling
   * again changes nothing. @throws PanelvecError not_found; job_ended for a job that has succeeded or failed
   */
  async cancel(id: string): Promise<Job> {
    await this.#database.transaction(async (queries) => {
      const state = await lockJob(queries, id);
      if (state === undefined) throw new PanelvecError('not_found', `there is no job ${id}`, { param: 'id' });
      if (state === 'cancelled' || state === 'cancelling') return;
      if (hasEnded(state)) throw new PanelvecError('job_ended', `the job has ${state} already`, { param: 'id' });
      await setState(queries, id, 'cancelling');
      await dropWaiting(queries, this.#queue, id);
      await settleCancelled(queries, id);
    });
    return this.get(id);
  }

  async #hasKey(key: string): Promise<boolean> {
    const { rowCount } = await this.#database.query('SELECT 1 FROM panelvec.jobs WHERE idempotency_key = $1', [key]);
    return rowCount !== 0;
  }

  async #replay(type: string, spec: Submission['spec'], key: string): Promise<Job> {
    const { rows } = await this.#database.query<{ id: string; same: boolean }>(
      'SELECT id, (type = $2 AND spec = $3::jsonb) AS same FROM panelvec.jobs WHERE idempotency_key = $1',
      [key, type, JSON.stringify(spec)],
    );
    const { id, same } = rows[0]!;
    if (!same) {
      throw new PanelvecError('idempotency_conflict', `the key was used for another job, ${id}`, {
        param: 'Idempotency-Key',
      });
    }
    return this.get(id);
  }
}

/** Whoever changes a job or asks what is left of it does so alone. */
export async function lockJob(queries: Queries, id: string): Promise<JobState | undefined> {
  const { rows } = await queries.query<{ state: JobState }>(
    'SELECT state FROM panelvec.jobs WHERE id = $1 FOR UPDATE',
    [id],
  );
  return rows[0]?.state;
}

export async function setState(queries: Queries, id: string, state: JobState): Promise<void> {
  await queries.query(
    `UPDATE panelvec.jobs SET state = $2, revision = nextval('panelvec.revision'),
       finished_at = CASE WHEN $3 THEN now() ELSE finished_at END WHERE id = $1`,
    [id, state, hasEnded(state)],
  );
}

/** A job that is being cancelled is cancelled once no worker has any of it. */
export async function settleCancelled(queries: Queries, id: string): Promise<void> {
  const { rows } = await queries.query(`SELECT 1 FROM panelvec.tasks WHERE job_id = $1 AND state = 'running' LIMIT 1`, [
    id,
  ]);
  if (rows.length === 0) await setState(queries, id, 'cancelled');
}

export async function dropWaiting(queries: Queries, queue: TaskQueue, id: string): Promise<void> {
  const { rows } = await queries.query<{ id: string }>(
    `SELECT id FROM panelvec.tasks WHERE job_id = $1 AND state = 'waiting'`,
    [id],
  );
  await queue.drop(
    rows.map((row) => row.id),
    queries,
  );
}
