import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import { PanelvecError } from '../../errors.ts';
import { hasEnded, type Job, type JobState } from '../job.ts';
import { type JobRow, SELECT_JOBS, toJob } from './job-rows.ts';
import { dropWaitingTasks, finishCancelling, lockJob, sendPlanTask, setJobState } from './job-transitions.ts';
import type { TaskQueue } from './task-queue.ts';

const UNIQUE_VIOLATION = '23505';

export interface Submission {
  readonly type: string;
  /** Resolved, with `output` */
  readonly spec: Readonly<Record<string, unknown>>;
  /** As it was asked for, checked */
  readonly request: Readonly<Record<string, unknown>>;
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

  /** The job that this very request has made already under its key. */
  async findRepeated(request: Submission['request'], idempotencyKey: string | undefined): Promise<Job | undefined> {
    if (idempotencyKey === undefined) return undefined;
    const { rows } = await this.#database.query<JobRow>(
      `${SELECT_JOBS} WHERE idempotency_key = $1 AND request_sha256 = $2`,
      [idempotencyKey, hashRequest(request)],
    );
    return rows[0] && toJob(rows[0]);
  }

  /**
   * The same key and spec give the same job again, also where they were asked for in other words.
   * @throws PanelvecError idempotency_conflict for the key of another spec, output_conflict while a job writes there
   */
  async submit({ type, spec, request, idempotencyKey }: Submission): Promise<{ job: Job; created: boolean }> {
    const id = randomUUID();
    const isKeyTaken = await this.#database
      .transaction(async (queries) => {
        const inserted = await queries.query(
          `INSERT INTO panelvec.jobs (id, type, spec, request_sha256, idempotency_key) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (idempotency_key) DO NOTHING RETURNING id`,
          [id, type, JSON.stringify(spec), hashRequest(request), idempotencyKey ?? null],
        );
        if (inserted.rows.length === 0) return true;
        await sendPlanTask(queries, id);
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
    if (!isKeyTaken) return { job: await this.get(id), created: true };
    return { job: await this.#findByKey(type, spec, idempotencyKey!), created: false };
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
  async countByState(): Promise<{ type: string; state: JobState; count: number }[]> {
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
      await setJobState(queries, id, 'cancelling');
      await dropWaitingTasks(queries, this.#queue, id);
      await finishCancelling(queries, id);
    });
    return this.get(id);
  }

  async #hasKey(key: string): Promise<boolean> {
    const { rowCount } = await this.#database.query('SELECT 1 FROM panelvec.jobs WHERE idempotency_key = $1', [key]);
    return rowCount !== 0;
  }

  async #findByKey(type: string, spec: Submission['spec'], key: string): Promise<Job> {
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

/** Its schema has put the fields of a request in order. */
function hashRequest(request: Submission['request']): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}
