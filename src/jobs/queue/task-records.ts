import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { TraceHeaders } from '../../tracing/tracing.ts';
import { elementAt } from '../../util/arrays.ts';
import type { EmbedRate } from '../embed/describe-check.ts';
import { type Artifact, hasEnded, type JobError, type JobState, type ProgressDetail, type Task } from '../job.ts';
import type { JobPlan } from '../job-kind.ts';
import { findEmbedRate } from './embed-rate.ts';
import {
  advanceAfterPart,
  dropTask,
  failJob,
  finishCancelling,
  lockJob,
  sendPartTasks,
  setTaskWaiting,
  succeedJob,
} from './job-transitions.ts';
import type { TaskQueue } from './task-queue.ts';

/** After this many workers have died during a task, the task itself is to blame. */
const MAX_LOSSES = 20;
/** The third transient error of a task fails the job. */
const MAX_FAILURES = 3;

export interface TaskProgress {
  readonly done: number;
  readonly total?: number;
  readonly rate: number;
  readonly detail?: ProgressDetail;
}

export interface StartedTask {
  readonly type: string;
  /** The spec that was stored with this type */
  readonly spec: unknown;
  /** Why the job is failing, null if it is not. All that is left to do is to report it. */
  readonly failure: JobError | null;
  /** Of the trace that its submission was part of; null where there was none */
  readonly traceHeaders: TraceHeaders | null;
}

/** The stored tasks, for workers: begin, report, and end them in several ways, each in one transaction. */
export class TaskRecords {
  readonly #database: Database;
  readonly #queue: TaskQueue;

  constructor(database: Database, queue: TaskQueue) {
    this.#database = database;
    this.#queue = queue;
  }

  /** Begins a task. Returns undefined if there is nothing to do any more; the task is then off the queue. */
  begin(task: Task, worker: string, getPhase: (task: StartedTask) => string): Promise<StartedTask | undefined> {
    return this.#withLockedJob(task, async (queries, state) => {
      const { rows } = await queries.query<{ state: string; losses: number }>(
        'SELECT state, losses FROM panelvec.tasks WHERE id = $1',
        [task.id],
      );
      const row = rows[0];
      if (row === undefined || row.state === 'done' || hasEnded(state)) {
        await this.#queue.complete(task.id, queries);
        return undefined;
      }
      if (state === 'cancelling') {
        await dropTask(queries, this.#queue, task, state);
        return undefined;
      }
      const { rows: jobRows } = await queries.query<StartedTask & { [column: string]: unknown }>(
        'SELECT type, spec, error AS failure, trace_headers AS "traceHeaders" FROM panelvec.jobs WHERE id = $1',
        [task.jobId],
      );
      const startedTask = elementAt(jobRows, 0);
      if (startedTask.failure !== null && task.step === 'part') {
        await dropTask(queries, this.#queue, task, state);
        return undefined;
      }
      const newLosses = row.state === 'running' ? 1 : 0;
      if (row.losses + newLosses > MAX_LOSSES) {
        const message = `${MAX_LOSSES} workers died over ${task.step} ${task.part}`;
        await failJob(queries, this.#queue, task, { code: 'worker_lost', message, param: null });
        return undefined;
      }
      await queries.query(
        `UPDATE panelvec.tasks SET state = 'running', worker = $2, losses = losses + $3, rate = 0 WHERE id = $1`,
        [task.id, worker, newLosses],
      );
      await queries.query(
        `UPDATE panelvec.jobs SET state = 'running', phase = $2, attempts = greatest(attempts, 1) + $3,
           started_at = coalesce(started_at, now()), revision = nextval('panelvec.revision')
         WHERE id = $1`,
        [task.jobId, getPhase(startedTask), newLosses],
      );
      return startedTask;
    });
  }

  /** Reports progress. Returns the state of the job, or 'lost' if another worker has the task; unless 'running', stop. */
  async report(task: Task, worker: string, { done, total, rate, detail }: TaskProgress): Promise<JobState | 'lost'> {
    const { rowCount } = await this.#database.query(
      `UPDATE panelvec.tasks SET done = $3, rate = $4, total = coalesce($5, total), detail = coalesce($6, detail)
       WHERE id = $1 AND worker = $2 AND state = 'running'`,
      [task.id, worker, done, rate, total ?? null, detail === undefined ? null : JSON.stringify(detail)],
    );
    // The lease now belongs to another worker.
    if (rowCount === 0) return 'lost';
    await this.#queue.renewLease(task.id, worker);
    const { rows } = await this.#database.query<{ state: JobState }>(
      `UPDATE panelvec.jobs SET revision = nextval('panelvec.revision') WHERE id = $1 RETURNING state`,
      [task.jobId],
    );
    return rows[0]?.state ?? 'failed';
  }

  /** Completes a plan, and sends the tasks of the parts. */
  async completePlan(task: Task, plan: JobPlan): Promise<void> {
    await this.#completeTask(task, 0, 0, (queries) => sendPartTasks(queries, task.jobId, plan));
  }

  /** Completes a part. The last part sends the finish; too many bad pages fail the job. */
  async completePart(task: Task, done: number, badPages: number): Promise<void> {
    await this.#completeTask(task, done, badPages, (queries) => advanceAfterPart(queries, this.#queue, task));
  }

  /** Completes the finish: the job has succeeded. */
  async completeFinish(task: Task, artifacts: readonly Artifact[]): Promise<void> {
    await this.#completeTask(task, undefined, 0, (queries) => succeedJob(queries, task.jobId, artifacts));
  }

  /** Fails the job because of a permanent error in this task. */
  async fail(task: Task, worker: string, error: JobError, reports: readonly Artifact[] = []): Promise<void> {
    await this.#withLockedJob(task, async (queries, state) => {
      if (!(await ownsTask(queries, task, worker))) return;
      if (!hasEnded(state)) await failJob(queries, this.#queue, task, error, reports);
      else await this.#queue.complete(task.id, queries);
    });
  }

  /** Gives the task back after a transient error, for another attempt; fails the job after MAX_FAILURES. */
  async failTransiently(task: Task, worker: string, error: JobError): Promise<void> {
    await this.#withLockedJob(task, async (queries, state) => {
      if (!(await ownsTask(queries, task, worker))) return;
      if (hasEnded(state)) return this.#queue.complete(task.id, queries);
      const { rows } = await queries.query<{ failures: number }>(
        `UPDATE panelvec.tasks SET failures = failures + 1, state = 'waiting', worker = NULL WHERE id = $1 RETURNING failures`,
        [task.id],
      );
      if (elementAt(rows, 0).failures < MAX_FAILURES) await this.#queue.retryLater(task.id, queries);
      else await failJob(queries, this.#queue, task, error);
    });
  }

  /** Gives the task back because the worker stops, or drops it because the job is being cancelled. */
  async release(task: Task, worker: string): Promise<void> {
    await this.#withLockedJob(task, async (queries, state) => {
      if (!(await ownsTask(queries, task, worker))) return;
      if (state === 'cancelling' || hasEnded(state)) await dropTask(queries, this.#queue, task, state);
      else {
        await setTaskWaiting(queries, task.id);
        await this.#queue.requeue([task.id], queries);
      }
    });
  }

  /** Gives tasks of dead workers back at once. They stay `running`, which counts as a loss when they are begun again. */
  async requeueOrphans(isOrphan: (worker: string) => boolean): Promise<number> {
    return this.#database.transaction(async (queries) => {
      const { rows } = await queries.query<{ id: string; worker: string }>(
        `SELECT id, worker FROM panelvec.tasks WHERE state = 'running' AND worker IS NOT NULL FOR UPDATE`,
      );
      const orphanIds = rows.filter(({ worker }) => isOrphan(worker)).map(({ id }) => id);
      await this.#queue.requeue(orphanIds, queries);
      return orphanIds.length;
    });
  }

  /** How fast earlier jobs embedded with a model. */
  findRate(model: string): Promise<EmbedRate | undefined> {
    return findEmbedRate(this.#database, model);
  }

  #withLockedJob<T>(
    task: Task,
    operation: (queries: Queryable, state: JobState) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#database.transaction(async (queries) => {
      const state = await lockJob(queries, task.jobId);
      if (state !== undefined) return operation(queries, state);
      await this.#queue.complete(task.id, queries);
      return undefined;
    });
  }

  /**
   * Completes a task and advances the job, unless the task was completed before or the job has ended meanwhile.
   * @param done undefined for all of its total
   */
  #completeTask(
    task: Task,
    done: number | undefined,
    badPages: number,
    advance: (queries: Queryable) => Promise<void>,
  ): Promise<void> {
    return this.#withLockedJob(task, async (queries, state) => {
      await this.#queue.complete(task.id, queries);
      const { rows } = await queries.query(
        `UPDATE panelvec.tasks SET state = 'done', worker = NULL, rate = 0, bad = $3,
           done = coalesce($2::bigint, total), total = greatest(total, $2)
         WHERE id = $1 AND state <> 'done' RETURNING id`,
        [task.id, done ?? null, badPages],
      );
      if (state === 'cancelling') await finishCancelling(queries, task.jobId);
      else if (rows.length > 0 && !hasEnded(state)) {
        await queries.query(`UPDATE panelvec.jobs SET revision = nextval('panelvec.revision') WHERE id = $1`, [
          task.jobId,
        ]);
        await advance(queries);
      }
    });
  }
}

/** Whether a worker still has a task. A former worker may complete it, but not fail or release it. */
async function ownsTask(queries: Queryable, task: Task, worker: string): Promise<boolean> {
  const { rows } = await queries.query(
    `SELECT 1 FROM panelvec.tasks WHERE id = $1 AND worker = $2 AND state = 'running'`,
    [task.id, worker],
  );
  return rows.length > 0;
}
