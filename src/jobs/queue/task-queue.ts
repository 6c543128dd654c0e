import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../database/transaction.ts';
import { elementAt } from '../../util/arrays.ts';
import type { Task } from '../job.ts';

/** A worker that does not renew its lease in this time loses its task. */
const LEASE = "interval '10 seconds'";
const RETRY_DELAY = "interval '1 second'";

/**
 * The queue of tasks that wait for a worker, kept in the table of tasks. A task is `queued` from its insertion until it is
 * completed or dropped. A worker may take it once its `available_at` is past; taking it moves `available_at` to the end of a
 * lease. So nobody has to watch for expired leases. All times are the database's.
 */
export class TaskQueue {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes the next task. It belongs to this worker as long as the lease is renewed. */
  async take(): Promise<Task | undefined> {
    // SKIP LOCKED: workers that ask at the same moment get different tasks and do not wait for each other.
    const { rows } = await this.#database.query<Task & { [column: string]: unknown }>(
      `UPDATE panelvec.tasks SET available_at = now() + ${LEASE}
       WHERE id = (
         SELECT id FROM panelvec.tasks WHERE queued AND available_at <= now()
         ORDER BY sequence LIMIT 1 FOR UPDATE SKIP LOCKED
       )
       RETURNING id, job_id AS "jobId", step, part`,
    );
    return rows[0];
  }

  /** Counts tasks that have waited for a worker for a time, up to a limit. */
  async countWaiting(minWaitMs: number, limit: number): Promise<number> {
    const { rows } = await this.#database.query<{ count: string }>(
      `SELECT count(*) FROM (
         SELECT 1 FROM panelvec.tasks
         WHERE queued AND available_at <= now() - $1 * interval '1 millisecond' LIMIT $2
       ) AS waiting`,
      [minWaitMs, limit],
    );
    return Number(elementAt(rows, 0).count);
  }

  /** Counts the tasks that are not completed, by whether a worker has them. */
  async countOpen(): Promise<{ readonly waiting: number; readonly running: number }> {
    const { rows } = await this.#database.query<{ waiting: string; running: string }>(
      `SELECT count(*) FILTER (WHERE state <> 'running') AS waiting, count(*) FILTER (WHERE state = 'running') AS running
       FROM panelvec.tasks WHERE queued`,
    );
    const { waiting, running } = elementAt(rows, 0);
    return { waiting: Number(waiting), running: Number(running) };
  }

  /** Renews the lease of a task, if this worker still has it; to be called well within its length. */
  async renewLease(id: string, worker: string): Promise<void> {
    await this.#database.query(
      `UPDATE panelvec.tasks SET available_at = now() + ${LEASE}
       WHERE id = $1 AND worker = $2 AND state = 'running' AND queued`,
      [id, worker],
    );
  }

  /** Removes a task that is done. */
  async complete(id: string, queries: Queryable): Promise<void> {
    await this.drop([id], queries);
  }

  /** Gives tasks back, for any worker to take at once. */
  async requeue(ids: readonly string[], queries: Queryable): Promise<void> {
    await this.#setAvailableAt(ids, 'now()', queries);
  }

  /** Gives a task back, to be taken after a delay. */
  async retryLater(id: string, queries: Queryable): Promise<void> {
    await this.#setAvailableAt([id], `now() + ${RETRY_DELAY}`, queries);
  }

  /** Removes tasks from the queue: no worker gets them any more. */
  async drop(ids: readonly string[], queries: Queryable): Promise<void> {
    if (ids.length === 0) return;
    await queries.query('UPDATE panelvec.tasks SET queued = false WHERE id = ANY ($1::uuid[])', [ids]);
  }

  async #setAvailableAt(ids: readonly string[], time: string, queries: Queryable): Promise<void> {
    if (ids.length === 0) return;
    await queries.query(`UPDATE panelvec.tasks SET available_at = ${time} WHERE id = ANY ($1::uuid[]) AND queued`, [
      ids,
    ]);
  }
}
