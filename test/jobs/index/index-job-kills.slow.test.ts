import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../src/database/database.ts';
import { openCollectionDatabase, readCollection } from '../../support/collection-rows.ts';
import { localSockets, startPostgres, type TestDatabase } from '../../support/databases.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { PGVECTOR_MISSING } from '../../support/pgvector.ts';
import { testSeed } from '../../support/seed.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 250;
const KILLS = 5;
/** Kills come this long after one another: some hit the start of a worker, some its work, some its writing. */
const [MIN_KILL_DELAY_MS, MAX_KILL_DELAY_MS] = [50, 1500];

const KINDS = [
  { name: 'the embedded database', skip: false, start: async () => undefined },
  { name: 'a PostgreSQL server', skip: PGVECTOR_MISSING, start: () => startPostgres({ hasPgvector: true }) },
] as const;

for (const { name: kind, skip, start } of KINDS) {
  describe(`index jobs whose processes are killed, over ${kind}`, { skip }, () => {
    let corpus: Corpus;
    let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
    let server: TestDatabase | undefined;
    let service: JobService;
    let database: Database;
    before(async () => {
      [corpus, tiny, server] = await Promise.all([makeCorpus(PAGES), makeTinyModel(), start()]);
      service = await startJobService(tiny.home, corpus, {
        PANELVEC_SEARCH: 'on',
        PANELVEC_MAX_FEATURES_BYTES: '0',
        DATABASE_URL: server?.url ?? '',
      });
      database = openCollectionDatabase({ url: server?.url, home: tiny.home, localSockets });
      const { id } = await service.submit(spec('undisturbed'));
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
    });
    after(async () => {
      await database.close();
      await service.stop();
      await server?.stop();
      await corpus.remove();
      await tiny.remove();
    });
    const spec = (output: string) => ({ type: 'index', output, dataset: corpus.dataset });
    const assertEqualContent = async (output: string) => {
      const [expected, actual] = [
        await readCollection(database, 'undisturbed'),
        await readCollection(database, output),
      ];
      assert.deepEqual(actual.content, expected.content);
    };

    it(`end with the same rows after ${KILLS} kills of workers`, async (t) => {
      const random = mulberry32(testSeed(t));
      const { id } = await service.submit(spec('killed'));
      let kills = 0;
      while (kills < KILLS) {
        await delay(MIN_KILL_DELAY_MS + random() * (MAX_KILL_DELAY_MS - MIN_KILL_DELAY_MS));
        const [pid] = service.pids('panelvec-worker');
        if ((await service.get(id)).state === 'succeeded') break;
        if (pid === undefined) continue;
        process.kill(pid, 'SIGKILL');
        kills++;
      }
      const { state, attempts, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      t.diagnostic(`${kills} kills, ${attempts} attempts`);
      assert.ok(kills === KILLS, `the job ended after ${kills} kills`);
      await assertEqualContent('killed');
    });

    it('end with the same rows after a kill of the database of collections', {
      skip: kind.includes('server'),
    }, async () => {
      const { id } = await service.submit(spec('database-killed'));
      await waitFor('some pages', async () => (await service.get(id)).progress.done > 100);
      const [pid] = service.pids('panelvec-collections');
      assert.ok(pid !== undefined);
      process.kill(pid, 'SIGKILL');
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      await assertEqualContent('database-killed');
    });
  });
}
