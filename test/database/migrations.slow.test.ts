import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { DATABASES, type TestDatabase } from '../support/databases.ts';
import { silentLogger } from '../support/in-process-service.ts';
import { type JobQueue, openJobQueue } from '../support/job-queue.ts';

const FIXTURE = path.join(import.meta.dirname, 'queue-in-pg-boss.sql');
/** In the fixture, by their age: one that runs, one that is being cancelled, one that waits. */
const [RUNNING, CANCELLING, QUEUED] = ['f', 'a', 'c'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
const phaseOf = () => 'working';

for (const { name, start } of DATABASES) {
  describe(`a database whose queue was pg-boss's, in ${name}`, () => {
    let database: TestDatabase;
    let queue: JobQueue;
    before(async () => {
      database = await start();
      const client = new Database(database, silentLogger);
      await client.query(await readFile(FIXTURE, 'utf8'));
      await client.close();
      queue = await openJobQueue(database);
    });
    after(async () => {
      await queue.close();
      await database.stop();
    });

    it('gives out what waited and what was running, oldest job first, and nothing else', async () => {
      const lost = await queue.take();
      const waiting = await queue.take();
      const cancelled = await queue.take();
      const plan = await queue.take();
      assert.deepEqual(
        [lost, waiting, cancelled, plan].map(({ jobId, step, part }) => [jobId, step, part]),
        [
          [RUNNING, 'part', 1],
          [RUNNING, 'part', 2],
          [CANCELLING, 'part', 0],
          [QUEUED, 'plan', 0],
        ],
      );
      assert.equal(await queue.queue.take(), undefined);

      assert.ok(await queue.tasks.begin(lost, 'w', phaseOf));
      assert.ok(await queue.tasks.begin(waiting, 'w', phaseOf));
      assert.equal((await queue.jobs.get(lost.jobId)).attempts, 2);
      const { rows } = await queue.database.query('SELECT losses FROM panelvec.tasks WHERE id = ANY ($1::uuid[])', [
        [lost.id, waiting.id],
      ]);
      assert.deepEqual(rows.map(({ losses }) => losses).sort(), [0, 3]);
      assert.equal(await queue.tasks.begin(cancelled, 'w', phaseOf), undefined);
      assert.equal((await queue.jobs.get(cancelled.jobId)).state, 'cancelled');

      assert.ok(await queue.tasks.begin(plan, 'w', phaseOf));
      await queue.tasks.completePlan(plan, { partSizes: [5, 6], maxBadPages: 0 });
      await queue.tasks.completePart(lost, 9, 0);
      await queue.tasks.completePart(waiting, 9, 0);
      const next = [await queue.take(), await queue.take(), await queue.take()];
      assert.deepEqual(
        next.map(({ jobId, step, part }) => [jobId, step, part]),
        [
          [QUEUED, 'part', 0],
          [QUEUED, 'part', 1],
          [RUNNING, 'finish', 0],
        ],
      );
    });

    it('has nothing of pg-boss left, and stays as it is where it is opened again', async () => {
      await queue.database.migrate(1000);
      const { rows } = await queue.database.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'panelvec%'`);
      assert.deepEqual(rows, [{ nspname: 'panelvec' }]);
      assert.equal(await queue.queue.take(), undefined);
    });
  });
}
