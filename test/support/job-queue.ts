import { Database } from '../../src/database/database.ts';
import type { Task } from '../../src/jobs/job.ts';
import { JobRecords } from '../../src/jobs/queue/job-records.ts';
import { TaskQueue } from '../../src/jobs/queue/task-queue.ts';
import { TaskRecords } from '../../src/jobs/queue/task-records.ts';
import type { TestDatabase } from './databases.ts';
import { silentLogger } from './in-process-service.ts';
import { waitFor } from './wait-for.ts';

/** The jobs in a database as one process sees them. */
export interface JobQueue {
  readonly database: Database;
  readonly queue: TaskQueue;
  readonly jobs: JobRecords;
  readonly tasks: TaskRecords;
  /** Waits for the next task. */
  take(): Promise<Task>;
  close(): Promise<void>;
}

export async function openJobQueue({ url, home, localSockets }: TestDatabase): Promise<JobQueue> {
  const database = new Database({ url, home, localSockets }, silentLogger);
  await database.migrate(20_000);
  const queue = new TaskQueue(database);
  return {
    database,
    queue,
    jobs: new JobRecords(database, queue),
    tasks: new TaskRecords(database, queue),
    take: () => waitFor('a task', () => queue.take()),
    async close() {
      await database.close();
    },
  };
}
