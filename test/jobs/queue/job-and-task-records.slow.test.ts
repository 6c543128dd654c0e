import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PanelvecError } from '../../../src/errors.ts';
import type { Task } from '../../../src/jobs/job.ts';
import { readStoredSpec } from '../../../src/jobs/job-spec.ts';
import { DATABASES, type TestDatabase } from '../../support/databases.ts';
import { type JobQueue, openJobQueue } from '../../support/job-queue.ts';
import { waitFor } from '../../support/wait-for.ts';

const phaseOf = () => 'working';
const hasCode = (expected: string) => (error: PanelvecError) => {
  assert.equal(error.code, expected);
  return true;
};

for (const { name, start } of DATABASES) {
  describe(`jobs in ${name}`, () => {
    let database: TestDatabase;
    let queueA: JobQueue;
    /** Another process's connections to the same database. */
    let queueB: JobQueue;
    let outputs = 0;
    before(async () => {
      database = await start();
      queueA = await openJobQueue(database);
      queueB = await openJobQueue(database);
    });
    after(async () => {
      await queueA.close();
      await queueB.close();
      await database.stop();
    });

    const submission = (key?: string, output = `output-${outputs++}`) => ({
      type: 'embed',
      spec: { type: 'embed', output },
      request: { output },
      idempotencyKey: key,
    });
    const submit = async () => (await queueA.jobs.submit(submission())).job;

    /** Takes the plan of a new job and ends it: its parts are on the queue. */
    async function createPlannedJob(partSizes: readonly number[], maxBadPages = 0): Promise<string> {
      const { id } = await submit();
      const plan = await queueA.take();
      assert.deepEqual([plan.jobId, plan.step], [id, 'plan']);
      assert.ok(await queueA.tasks.begin(plan, 'w', phaseOf));
      await queueA.tasks.completePlan(plan, { partSizes, maxBadPages });
      return id;
    }

    async function takeAndBegin(source = queueA, worker = 'w'): Promise<Task> {
      const task = await source.take();
      assert.ok(await source.tasks.begin(task, worker, phaseOf));
      return task;
    }

    async function cancelAll(): Promise<void> {
      for (const { id } of (await queueA.jobs.list({ limit: 100 })).jobs) await queueA.jobs.cancel(id).catch(() => {});
    }

    it('goes from plan to parts to finish, with its progress, whichever workers do them', async () => {
      const id = await createPlannedJob([100, 40]);
      const [a, b] = [await takeAndBegin(queueA, 'w1'), await takeAndBegin(queueB, 'w2')];
      assert.deepEqual([a.part, b.part].sort(), [0, 1]);
      assert.equal(await queueA.tasks.report(a, 'w1', { done: 30, rate: 5 }), 'running');
      assert.equal(await queueB.tasks.report(b, 'w2', { done: 20, rate: 10 }), 'running');
      const { progress, state, attempts } = await queueA.jobs.get(id);
      assert.deepEqual(progress, { done: 50, total: 140, rate: 15, seconds_left: 6, phase: 'working', detail: null });
      assert.deepEqual([state, attempts], ['running', 1]);
      await queueB.tasks.completePart(b, 40, 0);
      assert.equal(await queueA.queue.take(), undefined);
      await queueA.tasks.completePart(a, 100, 0);
      const finish = await takeAndBegin();
      assert.deepEqual([finish.step, finish.jobId], ['finish', id]);
      const artifact = { name: 'a', kind: 'file', bytes: 3, path: 'x/a' } as const;
      await queueA.tasks.completeFinish(finish, [artifact]);
      const done = await queueA.jobs.get(id);
      assert.deepEqual([done.state, done.progress.done, done.artifacts], ['succeeded', 140, [artifact]]);
      assert.ok(done.finished_at! >= done.started_at! && done.started_at! >= done.created_at);
    });

    it('shows the detail of the running task, and keeps the last one when the job has ended', async () => {
      const detailOf = async () => (await queueA.jobs.get(id)).progress.detail;
      const id = await createPlannedJob([10, 10]);
      const [a, b] = [await takeAndBegin(queueA, 'w1'), await takeAndBegin(queueB, 'w2')];
      assert.equal(await detailOf(), null);
      await queueA.tasks.report(a, 'w1', { done: 1, rate: 1, detail: { of: a.part } });
      assert.deepEqual(await detailOf(), { of: a.part });
      await queueB.tasks.report(b, 'w2', { done: 1, rate: 1, detail: { of: b.part } });
      const [first, last] = a.part < b.part ? [a, b] : [b, a];
      await queueA.tasks.completePart(last, 10, 0);
      assert.deepEqual(await detailOf(), { of: first.part });
      await queueA.tasks.completePart(first, 10, 0);
      const finish = await takeAndBegin();
      await queueA.tasks.report(finish, 'w', { done: 1, total: 40, rate: 1, detail: { epoch: 1, loss: 0.25 } });
      assert.deepEqual(await detailOf(), { epoch: 1, loss: 0.25 });
      assert.equal((await queueA.jobs.get(id)).progress.total, 40);
      await queueA.tasks.report(finish, 'w', { done: 2, rate: 1 });
      assert.deepEqual(await detailOf(), { epoch: 1, loss: 0.25 });
      await queueA.tasks.report(finish, 'w', { done: 3, rate: 1, detail: { epoch: 2, loss: Number.NaN } });
      await queueA.tasks.completeFinish(finish, []);
      const { progress } = await queueA.jobs.get(id);
      assert.deepEqual([progress.detail, progress.done, progress.total], [{ epoch: 2, loss: null }, 40, 40]);
    });

    it('sends the finish once, also if the last two parts end at the same moment', async () => {
      for (let round = 0; round < 5; round++) {
        await createPlannedJob([1, 1]);
        const [a, b] = [await takeAndBegin(), await takeAndBegin(queueB)];
        await Promise.all([queueA.tasks.completePart(a, 1, 0), queueB.tasks.completePart(b, 1, 0)]);
        const finish = await takeAndBegin();
        assert.equal(await queueB.queue.take(), undefined);
        await queueA.tasks.completeFinish(finish, []);
      }
    });

    it('gives the same job for the same key and spec, and refuses the key for another spec', async () => {
      const first = await queueA.jobs.submit(submission('key-1', 'same'));
      const again = await queueB.jobs.submit(submission('key-1', 'same'));
      assert.deepEqual([first.created, again.created, again.job.id], [true, false, first.job.id]);
      await assert.rejects(queueA.jobs.submit(submission('key-1', 'other')), hasCode('idempotency_conflict'));
      await cancelAll();
      const ended = await queueA.jobs.submit(submission('key-1', 'same'));
      assert.equal(ended.job.id, first.job.id);
    });

    it('gives the same job for the same key after an update that has added fields to specs', async () => {
      const dataset = { manifest: '/m.csv', pss_labels: '/l.json', panels: { format: 'vlm', root: '/vlm' } };
      const stored = { type: 'embed', model: 'tiny@1', output: 'updated', dataset };
      const first = await queueA.jobs.submit({ ...submission('key-0'), spec: stored });
      const spec = { ...readStoredSpec(stored) };
      const again = await queueA.jobs.submit({ ...submission('key-0'), spec });
      assert.deepEqual([again.created, again.job.id], [false, first.job.id]);
      const masked = { ...submission('key-0'), spec: { ...spec, empty_pages: 'masked' } };
      await assert.rejects(queueA.jobs.submit(masked), hasCode('idempotency_conflict'));
      await queueA.jobs.cancel(first.job.id);
    });

    it('knows a request by its key and its own words, and a job from before these were kept by its spec', async () => {
      const { spec, request } = submission('key-2');
      const { job } = await queueA.jobs.submit({ type: 'embed', spec, request, idempotencyKey: 'key-2' });
      assert.equal((await queueB.jobs.findRepeated(request, 'key-2'))?.id, job.id);
      const others = [queueB.jobs.findRepeated({ output: 'x' }, 'key-2'), queueB.jobs.findRepeated(request, undefined)];
      assert.deepEqual(await Promise.all(others), [undefined, undefined]);
      assert.equal(await queueB.jobs.findRepeated(request, 'key-3'), undefined);
      const inOtherWords = { type: 'embed', spec, request: { ...request, more: 1 }, idempotencyKey: 'key-2' };
      assert.equal((await queueB.jobs.submit(inOtherWords)).job.id, job.id);
      await queueA.database.query('UPDATE panelvec.jobs SET request_sha256 = NULL WHERE id = $1', [job.id]);
      assert.equal(await queueB.jobs.findRepeated(request, 'key-2'), undefined);
      assert.equal((await queueB.jobs.submit({ ...inOtherWords, request })).job.id, job.id);
      await cancelAll();
    });

    it('lets one job at a time write to an output', async () => {
      const { job } = await queueA.jobs.submit(submission(undefined, 'taken'));
      await assert.rejects(queueA.jobs.submit(submission(undefined, 'taken')), hasCode('output_conflict'));
      await queueA.jobs.cancel(job.id);
      await queueA.jobs.submit(submission(undefined, 'taken'));
      await cancelAll();
    });

    it('lists newest first, by state and type, page by page', async () => {
      const ids = [(await submit()).id, (await submit()).id, (await submit()).id];
      const queued = await queueA.jobs.list({ state: 'queued', type: 'embed', limit: 2 });
      assert.deepEqual([queued.jobs.map(({ id }) => id), queued.more], [[ids[2], ids[1]], true]);
      const rest = await queueA.jobs.list({ state: 'queued', limit: 2, after: ids[1] });
      assert.deepEqual([rest.jobs.map(({ id }) => id), rest.more], [[ids[0]], false]);
      assert.deepEqual((await queueA.jobs.list({ type: 'train', limit: 9 })).jobs, []);
      await assert.rejects(queueA.jobs.get('00000000-0000-4000-8000-000000000000'), hasCode('not_found'));
      await cancelAll();
    });

    it('cancels a queued job at once, and a running one when its workers have released it', async () => {
      const { id: queued } = await submit();
      assert.equal((await queueA.jobs.cancel(queued)).state, 'cancelled');
      assert.equal(await queueA.queue.take(), undefined);

      const id = await createPlannedJob([1, 1, 1]);
      const task = await takeAndBegin();
      assert.equal((await queueA.jobs.cancel(id)).state, 'cancelling');
      assert.equal(await queueB.queue.take(), undefined);
      assert.equal(await queueA.tasks.report(task, 'w', { done: 0, rate: 0 }), 'cancelling');
      await queueA.tasks.release(task, 'w');
      const cancelled = await queueA.jobs.cancel(id);
      assert.equal(cancelled.state, 'cancelled');
      assert.ok(cancelled.finished_at);
      assert.equal(await queueA.queue.take(), undefined);
    });

    it('cannot cancel a job that has succeeded', async () => {
      const id = await createPlannedJob([]);
      await queueA.tasks.completeFinish(await takeAndBegin(), []);
      await assert.rejects(queueA.jobs.cancel(id), hasCode('job_ended'));
    });

    it('gives a task that a worker releases to another one, and counts no loss', async () => {
      const id = await createPlannedJob([1]);
      const task = await takeAndBegin(queueA, 'w1');
      await queueA.tasks.release(task, 'w1');
      const again = await takeAndBegin(queueB, 'w2');
      assert.equal(again.id, task.id);
      // The first one, late, must not take it from the second.
      await queueA.tasks.release(task, 'w1');
      assert.equal(await queueA.queue.take(), undefined);
      assert.equal((await queueA.jobs.get(id)).attempts, 1);
      await queueB.tasks.completePart(again, 1, 0);
      await queueA.tasks.completeFinish(await takeAndBegin(), []);
    });

    it('gives the tasks of a dead worker to others at once, and counts the loss', async () => {
      const id = await createPlannedJob([1]);
      const task = await takeAndBegin(queueA, 'dead');
      assert.equal(await queueB.tasks.requeueOrphans((worker) => worker === 'other'), 0);
      assert.equal(await queueB.tasks.requeueOrphans((worker) => worker === 'dead'), 1);
      const again = await takeAndBegin(queueB, 'alive');
      assert.equal(again.id, task.id);
      assert.equal((await queueA.jobs.get(id)).attempts, 2);
      await queueB.tasks.completePart(again, 1, 0);
      // What the dead one sends when it turns out to live changes nothing.
      const late = { code: 'internal', message: 'late', param: null };
      await queueA.tasks.completePart(task, 1, 0);
      await queueA.tasks.failTransiently(task, 'dead', late);
      await queueA.tasks.fail(task, 'dead', late);
      await queueA.tasks.release(task, 'dead');
      assert.equal(await queueA.tasks.report(task, 'dead', { done: 0, rate: 0 }), 'lost');
      await queueA.tasks.completeFinish(await takeAndBegin(), []);
      assert.equal((await queueA.jobs.get(id)).state, 'succeeded');
    });

    it('renews the lease of the worker that has the task, and of no other', async () => {
      await createPlannedJob([1]);
      const task = await takeAndBegin(queueA, 'former');
      const setExpired = () =>
        queueA.database.query('UPDATE panelvec.tasks SET available_at = now() WHERE id = $1', [task.id]);
      const isLeased = async () => {
        const { rows } = await queueA.database.query<{ leased: boolean }>(
          'SELECT available_at > now() AS leased FROM panelvec.tasks WHERE id = $1',
          [task.id],
        );
        return rows[0]!.leased;
      };
      await setExpired();
      await queueA.queue.renewLease(task.id, 'former');
      assert.equal(await isLeased(), true);
      await setExpired();
      assert.equal((await takeAndBegin(queueB, 'present')).id, task.id);
      await setExpired();
      await queueA.queue.renewLease(task.id, 'former');
      assert.equal(await isLeased(), false);
      await queueB.tasks.release(task, 'present');
      await queueA.queue.renewLease(task.id, 'present');
      assert.equal(await isLeased(), false);
      await cancelAll();
    });

    it('gives a task to another worker when its lease has expired', async () => {
      const id = await createPlannedJob([1]);
      const task = await takeAndBegin(queueA, 'silent');
      const again = await waitForLease('the lease to run out', () => queueB.queue.take());
      assert.equal(again.id, task.id);
      await queueB.tasks.begin(again, 'w', phaseOf);
      assert.equal((await queueA.jobs.get(id)).attempts, 2);
      await queueA.jobs.cancel(id);
      await queueB.tasks.release(again, 'w');
    });

    it('fails the job when too many workers died during a task', async () => {
      const id = await createPlannedJob([1]);
      let task = await takeAndBegin(queueA, 'w0');
      for (let loss = 1; loss <= 20; loss++) {
        await queueA.tasks.requeueOrphans(() => true);
        task = await takeAndBegin(queueA, `w${loss}`);
      }
      await queueA.tasks.requeueOrphans(() => true);
      const last = await queueA.take();
      assert.equal(last.id, task.id);
      assert.equal(await queueA.tasks.begin(last, 'w', phaseOf), undefined);
      const { state, error } = await queueA.jobs.get(id);
      assert.deepEqual([state, error?.code], ['failed', 'worker_lost']);
    });

    it('retries a task twice after unforeseen errors, then fails the job with the reason', async () => {
      const id = await createPlannedJob([1, 1]);
      const error = { code: 'internal', message: 'out of luck', param: null };
      const other = await queueA.take();
      for (let failure = 0; failure < 3; failure++)
        await queueA.tasks.failTransiently(await takeAndBegin(queueB), 'w', error);
      const failed = await queueA.jobs.get(id);
      assert.deepEqual([failed.state, failed.error], ['failed', error]);
      assert.equal(await queueA.tasks.begin(other, 'w', phaseOf), undefined);
      assert.equal(await queueA.queue.take(), undefined);
    });

    describe('a job with more bad pages than are tolerated', () => {
      const REPORTS = [{ name: 'report.json', kind: 'file', bytes: 3, path: 'reports/x' }] as const;
      const detailed = { code: 'too_many_bad_pages', message: '3 of 40 pages: 3 image_missing', param: null };

      /** Ends two of four parts with 3 bad pages of 2 that are tolerated, while another worker has a third part. */
      async function createFailingJob() {
        const id = await createPlannedJob([10, 10, 10, 10], 2);
        const running = await takeAndBegin(queueB, 'other');
        await queueA.tasks.completePart(await takeAndBegin(), 10, 2);
        assert.equal((await queueA.jobs.get(id)).state, 'running');
        const last = await takeAndBegin();
        const { id: laterJob } = await submit();
        await queueA.tasks.completePart(last, 10, 1);
        return { id, running, laterJob };
      }

      it('fails once its reports are written, before the tasks of other jobs, and does no part any more', async () => {
        const { id, running, laterJob } = await createFailingJob();
        const { state, error } = await queueA.jobs.get(id);
        assert.deepEqual([state, error], ['running', null]);
        const report = await queueA.take();
        assert.deepEqual([report.jobId, report.step], [id, 'finish']);
        const started = await queueA.tasks.begin(report, 'w', phaseOf);
        assert.deepEqual([started?.failure?.code, started?.failure?.param], ['too_many_bad_pages', 'max_bad_pages']);
        await queueA.jobs.cancel(laterJob);
        // A part that ends meanwhile starts no second finish.
        await queueB.tasks.completePart(running, 10, 10);
        assert.equal(await queueA.queue.take(), undefined);
        await queueA.tasks.fail(report, 'w', detailed, REPORTS);
        const failed = await queueA.jobs.get(id);
        assert.deepEqual([failed.state, failed.error, failed.artifacts], ['failed', detailed, [...REPORTS]]);
      });

      it('fails with the short error if the reports cannot be written', async () => {
        const { id, running, laterJob } = await createFailingJob();
        await queueA.jobs.cancel(laterJob);
        await queueB.tasks.release(running, 'other');
        const diskFull = { code: 'storage_failed', message: 'the disk is full', param: null };
        const report = await queueA.take();
        assert.equal(report.step, 'finish');
        await queueA.tasks.begin(report, 'w', phaseOf);
        // A part that is given back is not begun again.
        const given = await queueA.take();
        assert.equal(given.id, running.id);
        assert.equal(await queueA.tasks.begin(given, 'w', phaseOf), undefined);
        await queueA.tasks.fail(report, 'w', diskFull);
        const { state, error, artifacts } = await queueA.jobs.get(id);
        assert.deepEqual([state, error?.code, artifacts], ['failed', 'too_many_bad_pages', []]);
        assert.match(error!.message, /3 of 40 pages .* 2 /);
      });

      it('can be cancelled before its reports are written, and then has no error', async () => {
        const { id, running, laterJob } = await createFailingJob();
        await queueA.jobs.cancel(laterJob);
        await queueA.jobs.cancel(id);
        await queueB.tasks.release(running, 'other');
        const { state, error } = await queueA.jobs.get(id);
        assert.deepEqual([state, error], ['cancelled', null]);
        assert.equal(await queueA.queue.take(), undefined);
      });
    });

    it('has a revision that grows with every change', async () => {
      const seen: number[] = [];
      const recordRevision = async (id: string) => seen.push((await queueA.jobs.get(id)).revision);
      const { id } = await submit();
      await recordRevision(id);
      const plan = await takeAndBegin();
      await recordRevision(id);
      await queueA.tasks.report(plan, 'w', { done: 1, rate: 1 });
      await recordRevision(id);
      await queueA.tasks.completePlan(plan, { partSizes: [], maxBadPages: 0 });
      await recordRevision(id);
      await queueA.tasks.completeFinish(await takeAndBegin(), []);
      await recordRevision(id);
      assert.deepEqual(
        seen,
        [...new Set(seen)].sort((a, b) => a - b),
      );
    });
  });
}

/** A lease lasts ten seconds. */
async function waitForLease<T>(what: string, check: () => Promise<T | undefined>): Promise<NonNullable<T>> {
  return waitFor(what, check, 60_000);
}
