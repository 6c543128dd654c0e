import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../database/database.ts';
import { PanelvecError } from '../../errors.ts';
import { traceHeaders } from '../../tracing/tracing.ts';
import { elementAt } from '../../util/arrays.ts';
import { hasEnded, type Job, type JobState } from '../job.ts';
import { readStoredSpec } from '../job-spec.ts';
import { type JobRow, SELECT_JOBS, toJob } from './job-rows.ts';
import { dropWaitingTasks, finishCancelling, lockJob, sendPlanTask, setJobState } from './job-transitions.ts';
import type { TaskQueue } from './task-queue.ts';

const UNIQUE_VIOLATION = '23505';

export interface Submission {
  readonly type: string;
  /** The resolved spec; has the field `output` */
  readonly spec: Readonly<Record<string, unknown>>;
  /** The request after its validation, before it was resolved */
  readonly request: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
}

export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly type?: string | undefined;
  readonly limit: number;
  /** The id of the last job of the previous page */
  readonly after?: string | undefined;
}

/** The stored jobs, for those who submit, watch and cancel them. */
export class JobRecords {
  readonly #database: Database;
  readonly #queue: TaskQueue;

  constructor(database: Database, queue: TaskQueue) {
    this.#database = database;
    this.#queue = queue;
  }

  /** Finds the job that the same request with the same idempotency key has made. */
  async findRepeated(request: Submission['request'], idempotencyKey: string | undefined): Promise<Job | undefined> {
    if (idempotencyKey === undefined) return undefined;
    const { rows } = await this.#database.query<JobRow>(
      `${SELECT_JOBS} WHERE idempotency_key = $1 AND request_sha256 = $2`,
      [idempotencyKey, hashRequest(request)],
    );
    return rows[0] && toJob(rows[0]);
  }

  /**
   * Stores a new job, or returns the existing one with the same key and resolved spec, even if the request was written
   * differently.
   * @throws PanelvecError idempotency_conflict if the key belongs to another spec, output_conflict if an unfinished job has
   *   the same output
   */
  async submit({ type, spec, request, idempotencyKey }: Submission): Promise<{ job: Job; created: boolean }> {
    const id = randomUUID();
    const headers = traceHeaders();
    const isKeyTaken = await this.#database
      .transaction(async (queries) => {
        const inserted = await queries.query(
          `INSERT INTO panelvec.jobs (id, type, spec, request_sha256, idempotency_key, trace_headers)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (idempotency_key) DO NOTHING RETURNING id`,
          [
            id,
            type,
            JSON.stringify(spec),
            hashRequest(request),
            idempotencyKey ?? null,
            headers ? JSON.stringify(headers) : null,
          ],
        );
        if (inserted.rows.length === 0) return true;
        await sendPlanTask(queries, id);
        return false;
      })
      .catch(async (error: { code?: string }) => {
        if (error.code !== UNIQUE_VIOLATION) throw error;
        // The same submission, sent twice at the same moment, may conflict with itself on the output first.
        if (idempotencyKey !== undefined && (await this.#hasKey(idempotencyKey))) return true;
        throw new PanelvecError('output_conflict', `a job that has not ended writes to "${spec['output']}"`, {
          param: 'output',
          cause: error,
        });
      });
    if (!isKeyTaken || idempotencyKey === undefined) return { job: await this.get(id), created: true };
    return { job: await this.#findByKey(type, spec, idempotencyKey), created: false };
  }

  /** The job of an id. @throws PanelvecError not_found */
  async get(id: string): Promise<Job> {
    const job = await this.find(id);
    if (job === undefined) throw new PanelvecError('not_found', `there is no job ${id}`, { param: 'id' });
    return job;
  }

  async find(id: string): Promise<Job | undefined> {
    const { rows } = await this.#database.query<JobRow>(`${SELECT_JOBS} WHERE jobs.id = $1`, [id]);
    return rows[0] && toJob(rows[0]);
  }

  /** Lists jobs, the newest first. `more` says whether there are older ones. */
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

  /** Counts the jobs of each type in each state. */
  async countByState(): Promise<{ type: string; state: JobState; count: number }[]> {
    const { rows } = await this.#database.query<{ type: string; state: JobState; count: string }>(
      'SELECT type, state, count(*) FROM panelvec.jobs GROUP BY type, state',
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /**
   * Cancels a job: drops its waiting tasks at once, and waits for workers to stop the running ones. Cancelling it again
   * changes nothing.
   * @throws PanelvecError not_found; job_ended for a job that has succeeded or failed
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
    const { rows } = await this.#database.query<{ id: string; type: string; spec: unknown }>(
      'SELECT id, type, spec FROM panelvec.jobs WHERE idempotency_key = $1',
      [key],
    );
    const { id, ...stored } = elementAt(rows, 0);
    if (stored.type !== type || !isDeepStrictEqual(withDefaults(stored.spec), withDefaults(spec))) {
      throw new PanelvecError('idempotency_conflict', `the key was used for another job, ${id}`, {
        param: 'Idempotency-Key',
      });
    }
    return this.get(id);
  }
}

/** A spec with all fields: one that an earlier version has stored may lack some. */
function withDefaults(spec: unknown): unknown {
  try {
    return readStoredSpec(spec);
  } catch {
    return spec;
  }
}

/** Hashes a request. Validation by its schema has put its fields in a fixed order. */
function hashRequest(request: Submission['request']): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}
