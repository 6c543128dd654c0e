import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../src/database/database.ts';
import { readCollection } from '../../support/collection-rows.ts';
import { INDEX_DATABASES, type IndexService, startIndexService } from '../../support/index-service.ts';
import type { JobService } from '../../support/job-service-process.ts';
import type { Corpus } from '../../support/make-corpus.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 250;
const KILLS = 5;
/** Kills come this long after one another: some hit the start of a worker, some its work, some its writing. */
const [MIN_KILL_DELAY_MS, MAX_KILL_DELAY_MS] = [50, 1500];

for (const { name: kind, skip, start } of INDEX_DATABASES) {
  describe(`index jobs whose processes are killed, over ${kind}`, { skip }, () => {
    let indexService: IndexService;
    let corpus: Corpus;
    let service: JobService;
    let database: Database;
    before(async () => {
      indexService = await startIndexService(start, PAGES, { PANELVEC_MAX_FEATURES_BYTES: '0' });
      ({ corpus, service, database } = indexService);
      const { id } = await service.submit(spec('undisturbed'));
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
    });
    after(() => indexService.stop());
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
      const [pid] = service.pids('panelvec-database');
      assert.ok(pid !== undefined);
      process.kill(pid, 'SIGKILL');
      const { state, error } = await service.waitForEnd(id);
      assert.equal(state, 'succeeded', JSON.stringify(error));
      await assertEqualContent('database-killed');
    });
  });
}
