import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../database/transaction.ts';
import { elementAt } from '../../util/arrays.ts';
import { type Artifact, hasEnded, type JobError, type JobState, type Task, type TaskStep } from '../job.ts';
import type { JobPlan } from '../job-kind.ts';
import type { TaskQueue } from './task-queue.ts';

// Transitions of a job from state to state and from step to step. Each runs inside a transaction that has locked the job.

/** Locks a job until the end of the transaction. Returns its state, undefined if there is no such job. */
export async function lockJob(queries: Queryable, id: string): Promise<JobState | undefined> {
  const { rows } = await queries.query<{ state: JobState }>(
    'SELECT state FROM panelvec.jobs WHERE id = $1 FOR UPDATE',
    [id],
  );
  return rows[0]?.state;
}

export async function setJobState(queries: Queryable, id: string, state: JobState): Promise<void> {
  await queries.query(
    `UPDATE panelvec.jobs SET state = $2, revision = nextval('panelvec.revision'),
       finished_at = CASE WHEN $3 THEN now() ELSE finished_at END WHERE id = $1`,
    [id, state, hasEnded(state)],
  );
}

/** Ends the cancellation of a job if no worker has a task of it any more. */
export async function finishCancelling(queries: Queryable, id: string): Promise<void> {
  const { rows } = await queries.query(`SELECT 1 FROM panelvec.tasks WHERE job_id = $1 AND state = 'running' LIMIT 1`, [
    id,
  ]);
  if (rows.length === 0) await setJobState(queries, id, 'cancelled');
}

export async function dropWaitingTasks(queries: Queryable, queue: TaskQueue, id: string): Promise<void> {
  const { rows } = await queries.query<{ id: string }>(
    `SELECT id FROM panelvec.tasks WHERE job_id = $1 AND state = 'waiting'`,
    [id],
  );
  await queue.drop(
    rows.map((row) => row.id),
    queries,
  );
}

/** Sends the first task of a new job. */
export async function sendPlanTask(queries: Queryable, jobId: string): Promise<void> {
  await sendTasks(queries, jobId, 'plan', [0]);
}

/** After the plan: sends the tasks of all parts, or of the finish if there are none. */
export async function sendPartTasks(queries: Queryable, jobId: string, plan: JobPlan): Promise<void> {
  await queries.query('UPDATE panelvec.jobs SET plan = $2 WHERE id = $1', [
    jobId,
    JSON.stringify({ mostBad: plan.maxBadPages }),
  ]);
  await sendTasks(queries, jobId, 'part', plan.partSizes);
  if (plan.partSizes.length === 0) await sendFinishTask(queries, jobId);
}

/** After a part: sends the finish after the last one, or at once if too many pages are bad; it then only reports. */
export async function advanceAfterPart(queries: Queryable, queue: TaskQueue, task: Task): Promise<void> {
  const { rows } = await queries.query<{
    open: string;
    bad: string;
    pages: string;
    most_bad: number;
    is_failing: boolean;
  }>(
    `SELECT count(*) FILTER (WHERE tasks.state <> 'done') AS open, sum(bad) AS bad, sum(total) AS pages,
       (min(jobs.plan->>'mostBad'))::integer AS most_bad, bool_or(jobs.error IS NOT NULL) AS is_failing
     FROM panelvec.tasks AS tasks JOIN panelvec.jobs AS jobs ON jobs.id = job_id
     WHERE job_id = $1 AND step = 'part'`,
    [task.jobId],
  );
  const { open: openParts, bad: badPages, pages, most_bad: maxBadPages, is_failing: isFailing } = elementAt(rows, 0);
  // The finish has been sent already.
  if (isFailing) return;
  if (Number(badPages) > maxBadPages) {
    const message = `${badPages} of ${pages} pages could not be read, more than the ${maxBadPages} that are tolerated`;
    const error: JobError = { code: 'too_many_bad_pages', message, param: 'max_bad_pages' };
    await queries.query('UPDATE panelvec.jobs SET error = $2 WHERE id = $1', [task.jobId, JSON.stringify(error)]);
    await dropWaitingTasks(queries, queue, task.jobId);
    await sendFinishTask(queries, task.jobId);
    // Whoever waits for the error must not wait for the parts of all other jobs.
    await queries.query(
      `UPDATE panelvec.tasks SET sequence = (SELECT min(sequence) FROM panelvec.tasks WHERE job_id = $1)
       WHERE job_id = $1 AND step = 'finish'`,
      [task.jobId],
    );
  } else if (Number(openParts) === 0) await sendFinishTask(queries, task.jobId);
}

/** After the finish: the job has succeeded. */
export async function succeedJob(queries: Queryable, jobId: string, artifacts: readonly Artifact[]): Promise<void> {
  await queries.query(`UPDATE panelvec.jobs SET artifacts = $2, phase = 'finished' WHERE id = $1`, [
    jobId,
    JSON.stringify(artifacts),
  ]);
  await setJobState(queries, jobId, 'succeeded');
}

/**
 * Fails a job because of a task that cannot be done, and drops its other tasks. An error that came first stays, unless this one
 * has reports about it.
 */
export async function failJob(
  queries: Queryable,
  queue: TaskQueue,
  task: Task,
  error: JobError,
  reports: readonly Artifact[] = [],
): Promise<void> {
  await queue.complete(task.id, queries);
  await setTaskWaiting(queries, task.id);
  await queries.query(
    `UPDATE panelvec.jobs SET error = CASE WHEN $3 THEN $2::jsonb ELSE coalesce(error, $2::jsonb) END, artifacts = $4
     WHERE id = $1`,
    [task.jobId, JSON.stringify(error), reports.length > 0, JSON.stringify(reports)],
  );
  await setJobState(queries, task.jobId, 'failed');
  await dropWaitingTasks(queries, queue, task.jobId);
}

/** Drops a task of a job that has ended or is being cancelled. */
export async function dropTask(queries: Queryable, queue: TaskQueue, task: Task, state: JobState): Promise<void> {
  await queue.complete(task.id, queries);
  await setTaskWaiting(queries, task.id);
  if (state === 'cancelling') await finishCancelling(queries, task.jobId);
}

/** Marks a task as belonging to no worker. */
export async function setTaskWaiting(queries: Queryable, id: string): Promise<void> {
  await queries.query(`UPDATE panelvec.tasks SET state = 'waiting', worker = NULL, rate = 0 WHERE id = $1`, [id]);
}

async function sendFinishTask(queries: Queryable, jobId: string): Promise<void> {
  await sendTasks(queries, jobId, 'finish', [0]);
}

/**
 * Adds tasks, which are on the queue once the transaction is committed.
 * @param totals the size of each task
 */
async function sendTasks(queries: Queryable, jobId: string, step: TaskStep, totals: readonly number[]): Promise<void> {
  const tasks = totals.map((total, part) => ({ id: randomUUID(), part, total }));
  await queries.query(
    `INSERT INTO panelvec.tasks (id, job_id, step, part, total)
     SELECT id, $1, $2, part, total FROM unnest($3::uuid[], $4::integer[], $5::bigint[]) AS new (id, part, total)
     ORDER BY part`,
    [jobId, step, tasks.map(({ id }) => id), tasks.map(({ part }) => part), tasks.map(({ total }) => total)],
  );
}
