import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PanelvecError } from '../../../src/errors.ts';
import type { Task } from '../../../src/jobs/job.ts';
import { DATABASES, type TestDatabase } from '../../support/databases.ts';
import { type JobQueue, openJobQueue } from '../../support/job-queue.ts';
import { waitFor } from '../../support/wait.ts';

const phaseOf = () => 'working';
const code = (expected: string) => (error: PanelvecError) => {
  assert.equal(error.code, expected);
  return true;
};

for (const { name, start } of DATABASES) {
  describe(`jobs in ${name}`, () => {
    let database: TestDatabase;
    let here: JobQueue;
    /** Another process's connections to the same database. */
    let there: JobQueue;
    let outputs = 0;
    before(async () => {
      database = await start();
      here = await openJobQueue(database);
      there = await openJobQueue(database);
    });
    after(async () => {
      await here.close();
      await there.close();
      await database.stop();
    });

    const submission = (key?: string, output = `output-${outputs++}`) => ({
      type: 'embed',
      spec: { type: 'embed', output },
      request: { output },
      idempotencyKey: key,
    });
    const submit = async () => (await here.jobs.submit(submission())).job;

    /** Takes the plan of a new job and ends it: its parts are on the queue. */
    async function planned(parts: readonly number[], mostBad = 0): Promise<string> {
      const { id } = await submit();
      const plan = await here.take();
      assert.deepEqual([plan.jobId, plan.step], [id, 'plan']);
      assert.ok(await here.tasks.begin(plan, 'w', phaseOf));
      await here.tasks.planned(plan, { parts, mostBad });
      return id;
    }

    async function begun(from = here, worker = 'w'): Promise<Task> {
      const task = await from.take();
      assert.ok(await from.tasks.begin(task, worker, phaseOf));
      return task;
    }

    async function endAll(): Promise<void> {
      for (const { id } of (await here.jobs.list({ limit: 100 })).jobs) await here.jobs.cancel(id).catch(() => {});
    }

    it('goes from plan to parts to finish, whoever does them, with its progress', async () => {
      const id = await planned([100, 40]);
      const [a, b] = [await begun(here, 'w1'), await begun(there, 'w2')];
      assert.deepEqual([a.part, b.part].sort(), [0, 1]);
      assert.equal(await here.tasks.report(a, 'w1', { done: 30, rate: 5 }), 'running');
      assert.equal(await there.tasks.report(b, 'w2', { done: 20, rate: 10 }), 'running');
      const { progress, state, attempts } = await here.jobs.get(id);
      assert.deepEqual(progress, { done: 50, total: 140, rate: 15, seconds_left: 6, phase: 'working', detail: null });
      assert.deepEqual([state, attempts], ['running', 1]);
      await there.tasks.partDone(b, 40, 0);
      assert.equal(await here.queue.take(), undefined);
      await here.tasks.partDone(a, 100, 0);
      const finish = await begun();
      assert.deepEqual([finish.step, finish.jobId], ['finish', id]);
      const artifact = { name: 'a', kind: 'file', bytes: 3, path: 'x/a' } as const;
      await here.tasks.finished(finish, [artifact]);
      const done = await here.jobs.get(id);
      assert.deepEqual([done.state, done.progress.done, done.artifacts], ['succeeded', 140, [artifact]]);
      assert.ok(done.finished_at! >= done.started_at! && done.started_at! >= done.created_at);
    });

    it('shows the detail of the task that runs, and keeps the last one when the job has ended', async () => {
      const detailOf = async () => (await here.jobs.get(id)).progress.detail;
      const id = await planned([10, 10]);
      const [a, b] = [await begun(here, 'w1'), await begun(there, 'w2')];
      assert.equal(await detailOf(), null);
      await here.tasks.report(a, 'w1', { done: 1, rate: 1, detail: { of: a.part } });
      assert.deepEqual(await detailOf(), { of: a.part });
      await there.tasks.report(b, 'w2', { done: 1, rate: 1, detail: { of: b.part } });
      const [first, last] = a.part < b.part ? [a, b] : [b, a];
      await here.tasks.partDone(last, 10, 0);
      assert.deepEqual(await detailOf(), { of: first.part });
      await here.tasks.partDone(first, 10, 0);
      const finish = await begun();
      await here.tasks.report(finish, 'w', { done: 1, total: 40, rate: 1, detail: { epoch: 1, loss: 0.25 } });
      assert.deepEqual(await detailOf(), { epoch: 1, loss: 0.25 });
      assert.equal((await here.jobs.get(id)).progress.total, 40);
      await here.tasks.report(finish, 'w', { done: 2, rate: 1 });
      assert.deepEqual(await detailOf(), { epoch: 1, loss: 0.25 });
      await here.tasks.report(finish, 'w', { done: 3, rate: 1, detail: { epoch: 2, loss: Number.NaN } });
      await here.tasks.finished(finish, []);
      const { progress } = await here.jobs.get(id);
      assert.deepEqual([progress.detail, progress.done, progress.total], [{ epoch: 2, loss: null }, 40, 40]);
    });

    it('sends the finish once, also where the last two parts end at the same moment', async () => {
      for (let round = 0; round < 5; round++) {
        await planned([1, 1]);
        const [a, b] = [await begun(), await begun(there)];
        await Promise.all([here.tasks.partDone(a, 1, 0), there.tasks.partDone(b, 1, 0)]);
        const finish = await begun();
        assert.equal(await there.queue.take(), undefined);
        await here.tasks.finished(finish, []);
      }
    });

    it('gives the same job for the same key and spec, and refuses the key for another spec', async () => {
      const first = await here.jobs.submit(submission('key-1', 'same'));
      const again = await there.jobs.submit(submission('key-1', 'same'));
      assert.deepEqual([first.created, again.created, again.job.id], [true, false, first.job.id]);
      await assert.rejects(here.jobs.submit(submission('key-1', 'other')), code('idempotency_conflict'));
      await endAll();
      const ended = await here.jobs.submit(submission('key-1', 'same'));
      assert.equal(ended.job.id, first.job.id);
    });

    it('knows a request by its key and its own words, and a job from before these were kept by its spec', async () => {
      const { spec, request } = submission('key-2');
      const { job } = await here.jobs.submit({ type: 'embed', spec, request, idempotencyKey: 'key-2' });
      assert.equal((await there.jobs.repeated(request, 'key-2'))?.id, job.id);
      const others = [there.jobs.repeated({ output: 'x' }, 'key-2'), there.jobs.repeated(request, undefined)];
      assert.deepEqual(await Promise.all(others), [undefined, undefined]);
      assert.equal(await there.jobs.repeated(request, 'key-3'), undefined);
      const inOtherWords = { type: 'embed', spec, request: { ...request, more: 1 }, idempotencyKey: 'key-2' };
      assert.equal((await there.jobs.submit(inOtherWords)).job.id, job.id);
      await here.database.query('UPDATE panelvec.jobs SET request_sha256 = NULL WHERE id = $1', [job.id]);
      assert.equal(await there.jobs.repeated(request, 'key-2'), undefined);
      assert.equal((await there.jobs.submit({ ...inOtherWords, request })).job.id, job.id);
      await endAll();
    });

    it('lets one job at a time write to an output', async () => {
      const { job } = await here.jobs.submit(submission(undefined, 'taken'));
      await assert.rejects(here.jobs.submit(submission(undefined, 'taken')), code('output_conflict'));
      await here.jobs.cancel(job.id);
      await here.jobs.submit(submission(undefined, 'taken'));
      await endAll();
    });

    it('lists newest first, by state and type, page by page', async () => {
      const ids = [(await submit()).id, (await submit()).id, (await submit()).id];
      const queued = await here.jobs.list({ state: 'queued', type: 'embed', limit: 2 });
      assert.deepEqual([queued.jobs.map(({ id }) => id), queued.more], [[ids[2], ids[1]], true]);
      const rest = await here.jobs.list({ state: 'queued', limit: 2, after: ids[1] });
      assert.deepEqual([rest.jobs.map(({ id }) => id), rest.more], [[ids[0]], false]);
      assert.deepEqual((await here.jobs.list({ type: 'train', limit: 9 })).jobs, []);
      await assert.rejects(here.jobs.get('00000000-0000-4000-8000-000000000000'), code('not_found'));
      await endAll();
    });

    it('cancels a queued job at once, and a running one when its workers have let go', async () => {
      const { id: queued } = await submit();
      assert.equal((await here.jobs.cancel(queued)).state, 'cancelled');
      assert.equal(await here.queue.take(), undefined);

      const id = await planned([1, 1, 1]);
      const task = await begun();
      assert.equal((await here.jobs.cancel(id)).state, 'cancelling');
      assert.equal(await there.queue.take(), undefined);
      assert.equal(await here.tasks.report(task, 'w', { done: 0, rate: 0 }), 'cancelling');
      await here.tasks.letGo(task, 'w');
      const cancelled = await here.jobs.cancel(id);
      assert.equal(cancelled.state, 'cancelled');
      assert.ok(cancelled.finished_at);
      assert.equal(await here.queue.take(), undefined);
    });

    it('cannot cancel what has succeeded', async () => {
      const id = await planned([]);
      await here.tasks.finished(await begun(), []);
      await assert.rejects(here.jobs.cancel(id), code('job_ended'));
    });

    it('gives a task that a worker lets go to another one, and counts no loss', async () => {
      const id = await planned([1]);
      const task = await begun(here, 'w1');
      await here.tasks.letGo(task, 'w1');
      const again = await begun(there, 'w2');
      assert.equal(again.id, task.id);
      // The first one, late, must not take it from the second.
      await here.tasks.letGo(task, 'w1');
      assert.equal(await here.queue.take(), undefined);
      assert.equal((await here.jobs.get(id)).attempts, 1);
      await there.tasks.partDone(again, 1, 0);
      await here.tasks.finished(await begun(), []);
    });

    it('gives the tasks of a dead worker to others at once, and counts the loss', async () => {
      const id = await planned([1]);
      const task = await begun(here, 'dead');
      assert.equal(await there.tasks.releaseLost((worker) => worker === 'other'), 0);
      assert.equal(await there.tasks.releaseLost((worker) => worker === 'dead'), 1);
      const again = await begun(there, 'alive');
      assert.equal(again.id, task.id);
      assert.equal((await here.jobs.get(id)).attempts, 2);
      await there.tasks.partDone(again, 1, 0);
      // What the dead one sends when it turns out to live changes nothing.
      const late = { code: 'internal', message: 'late', param: null };
      await here.tasks.partDone(task, 1, 0);
      await here.tasks.stumbled(task, 'dead', late);
      await here.tasks.failed(task, 'dead', late);
      await here.tasks.letGo(task, 'dead');
      assert.equal(await here.tasks.report(task, 'dead', { done: 0, rate: 0 }), 'lost');
      await here.tasks.finished(await begun(), []);
      assert.equal((await here.jobs.get(id)).state, 'succeeded');
    });

    it('gives a task whose worker is silent to another one when its lease has run out', async () => {
      const id = await planned([1]);
      const task = await begun(here, 'silent');
      const again = await waitForLong('the lease to run out', () => there.queue.take());
      assert.equal(again.id, task.id);
      await there.tasks.begin(again, 'w', phaseOf);
      assert.equal((await here.jobs.get(id)).attempts, 2);
      await here.jobs.cancel(id);
      await there.tasks.letGo(again, 'w');
    });

    it('fails the job when a task was in the hands of too many workers that died', async () => {
      const id = await planned([1]);
      let task = await begun(here, 'w0');
      for (let loss = 1; loss <= 20; loss++) {
        await here.tasks.releaseLost(() => true);
        task = await begun(here, `w${loss}`);
      }
      await here.tasks.releaseLost(() => true);
      const last = await here.take();
      assert.equal(last.id, task.id);
      assert.equal(await here.tasks.begin(last, 'w', phaseOf), undefined);
      const { state, error } = await here.jobs.get(id);
      assert.deepEqual([state, error?.code], ['failed', 'worker_lost']);
    });

    it('tries again what nobody foresaw, twice, then fails the job with the reason', async () => {
      const id = await planned([1, 1]);
      const error = { code: 'internal', message: 'out of luck', param: null };
      const other = await here.take();
      for (let failure = 0; failure < 3; failure++) await here.tasks.stumbled(await begun(there), 'w', error);
      const failed = await here.jobs.get(id);
      assert.deepEqual([failed.state, failed.error], ['failed', error]);
      assert.equal(await here.tasks.begin(other, 'w', phaseOf), undefined);
      assert.equal(await here.queue.take(), undefined);
    });

    it('fails the job of more bad pages than are tolerated, and no other', async () => {
      const id = await planned([10, 10], 2);
      await here.tasks.partDone(await begun(), 10, 2);
      assert.equal((await here.jobs.get(id)).state, 'running');
      await here.tasks.partDone(await begun(), 10, 1);
      const { state, error } = await here.jobs.get(id);
      assert.deepEqual([state, error?.code], ['failed', 'too_many_bad_pages']);
      assert.match(error!.message, /3 of 20 pages .* 2 /);
    });

    it('has a revision that grows with every change', async () => {
      const seen: number[] = [];
      const note = async (id: string) => seen.push((await here.jobs.get(id)).revision);
      const { id } = await submit();
      await note(id);
      const plan = await begun();
      await note(id);
      await here.tasks.report(plan, 'w', { done: 1, rate: 1 });
      await note(id);
      await here.tasks.planned(plan, { parts: [], mostBad: 0 });
      await note(id);
      await here.tasks.finished(await begun(), []);
      await note(id);
      assert.deepEqual(
        seen,
        [...new Set(seen)].sort((a, b) => a - b),
      );
    });
  });
}

/** A lease is ten seconds, and is looked at every three. */
async function waitForLong<T>(what: string, check: () => Promise<T | undefined>): Promise<NonNullable<T>> {
  return waitFor(what, check, 60_000);
}
