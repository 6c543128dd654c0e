import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres, type TestDatabase } from '../../support/databases.ts';
import { hashFiles, type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';
import { MAIN_FILE } from '../../support/service-process.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 730;
/** Kills come this long after one another: some hit the start of a worker, some its work, some its writing. */
const [MIN_KILL_DELAY_MS, MAX_KILL_DELAY_MS] = [50, 1500];
const MAX_KILLS = 6;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let expectedHashes: Record<string, string>;

const spec = (output: string) => ({ type: 'embed', output, dataset: corpus.dataset });
const store = (output: string) => path.join(tiny.home, 'stores', output);
/** Without a cache everything is computed again, so that kills find something to hit. */
const withoutCache = { PANELVEC_MAX_FEATURES_BYTES: '0' };

before(async () => {
  corpus = await makeCorpus(PAGES);
  tiny = await makeTinyModel();
  const service = await startJobService(tiny.home, corpus, withoutCache);
  const { id } = await service.submit(spec('undisturbed'));
  const { state, error } = await service.waitForEnd(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  await service.stop();
  expectedHashes = await hashFiles(store('undisturbed'));
});
after(async () => {
  await corpus.remove();
  await tiny.remove();
});

async function assertSameStore(output: string): Promise<void> {
  assert.deepEqual(await hashFiles(store(output)), expectedHashes);
  assert.deepEqual((await readdir(store(output))).sort(), (await readdir(store('undisturbed'))).sort());
}

/** Kills one worker after the other until the job has ended. */
async function killWorkers(service: JobService, id: string, random: () => number): Promise<number> {
  let kills = 0;
  const jobEnded = service.waitForEnd(id);
  for (let hasEnded = false; !hasEnded; ) {
    const delayMs = MIN_KILL_DELAY_MS + random() * (MAX_KILL_DELAY_MS - MIN_KILL_DELAY_MS);
    hasEnded = await Promise.race([delay(delayMs, false), jobEnded.then(() => true)]);
    const workers = service.pids('panelvec-worker');
    const pid = workers[Math.floor(random() * workers.length)];
    // Enough is enough: a job whose workers all die before they have done a thing would never end.
    if (hasEnded || pid === undefined || kills >= MAX_KILLS) continue;
    process.kill(pid, 'SIGKILL');
    kills++;
  }
  return kills;
}

describe('a bulk job whose workers are killed', () => {
  for (const workers of [1, 2, 3]) {
    it(`ends with the same bytes, with ${workers} worker(s)`, async (t) => {
      const random = mulberry32(testSeed(t));
      const service = await startJobService(tiny.home, corpus, { ...withoutCache, PANELVEC_WORKERS: String(workers) });
      try {
        const { id } = await service.submit(spec(`killed-${workers}`));
        const kills = await killWorkers(service, id, random);
        const { state, attempts, error } = await service.get(id);
        assert.equal(state, 'succeeded', JSON.stringify(error));
        // A worker has two tasks in hand.
        assert.ok(kills > 0 && attempts <= 2 * kills + 1, `${kills} kills, ${attempts} attempts`);
        await assertSameStore(`killed-${workers}`);
      } finally {
        await service.stop();
      }
    });
  }

  it('ends with the same bytes when the whole service is killed, with the embedded database in it', async () => {
    const first = await startJobService(tiny.home, corpus, withoutCache);
    const { id } = await first.submit(spec('service-killed'), 'once');
    await waitFor('some pages', async () => (await first.get(id)).progress.done > 100);
    const database = first.pids('panelvec-database');
    for (const pid of [...database, first.child.pid!]) process.kill(pid, 'SIGKILL');
    await first.exited;
    const second = await startJobService(tiny.home, corpus, withoutCache);
    try {
      assert.equal((await second.submit(spec('service-killed'), 'once')).id, id);
      const { state, error } = await second.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      await assertSameStore('service-killed');
    } finally {
      await second.stop();
    }
  });
});

describe('a bulk job whose service is stopped in order', () => {
  it('is given back by its worker, and counts no loss when it goes on', async () => {
    const first = await startJobService(tiny.home, corpus, withoutCache);
    const { id } = await first.submit(spec('service-stopped'));
    await waitFor('some pages', async () => (await first.get(id)).progress.done > 100);
    await first.stop();
    const second = await startJobService(tiny.home, corpus, withoutCache);
    try {
      assert.equal((await second.get(id)).state, 'running', 'its worker did not work on until it was killed');
      const { state, attempts } = await second.waitForEnd(id);
      assert.deepEqual([state, attempts], ['succeeded', 1]);
    } finally {
      await second.stop();
    }
  });
});

describe('workers of their own, over a PostgreSQL server', () => {
  let database: TestDatabase;
  before(async () => {
    database = await startPostgres();
  });
  after(() => database.stop());

  const startWorker = (): ChildProcess =>
    spawn(process.execPath, [MAIN_FILE, 'worker'], {
      env: {
        ...process.env,
        ...withoutCache,
        DATABASE_URL: database.url,
        PANELVEC_HOME: tiny.home,
        PANELVEC_DATA_ROOTS: corpus.folder,
        PANELVEC_PROVIDER: 'cpu',
        PANELVEC_THREADS: '1',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });

  it('share a job; one that is killed loses its lease, one that is told to stop gives back, and a third goes on', async () => {
    const service = await startJobService(tiny.home, corpus, { DATABASE_URL: database.url!, PANELVEC_WORKERS: '0' });
    const [killed, stopped] = [startWorker(), startWorker()];
    let third: ChildProcess | undefined;
    try {
      const { id } = await service.submit(spec('own-workers'));
      await waitFor('some pages', async () => (await service.get(id)).progress.done > 0);
      killed.kill('SIGKILL');
      stopped.kill('SIGTERM');
      assert.deepEqual(await once(stopped, 'exit'), [0, null]);
      third = startWorker();
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      await assertSameStore('own-workers');
      const ended = once(third, 'exit');
      third.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    } finally {
      for (const worker of [killed, stopped, third]) worker?.kill('SIGKILL');
      await service.stop();
    }
  });
});
