import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Database } from '../../../src/database/database.ts';
import { listTables, openCollectionDatabase, readCollection } from '../../support/collection-rows.ts';
import { localSockets, startPostgres, type TestDatabase } from '../../support/databases.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 330;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(PAGES), makeTinyModel()]);
});
after(async () => {
  await corpus.remove();
  await tiny.remove();
});
const spec = (output: string, fields: object = {}) => ({ type: 'index', output, dataset: corpus.dataset, ...fields });

describe('an index job that does not succeed', () => {
  let service: JobService;
  let database: Database;
  const start = () => startJobService(tiny.home, corpus, { PANELVEC_SEARCH: 'on', PANELVEC_MAX_FEATURES_BYTES: '0' });
  before(async () => {
    service = await start();
    database = openCollectionDatabase({ url: undefined, home: tiny.home, localSockets });
    const job = await service.waitForEnd(
      (await service.submit(spec('kept', { dataset: { ...corpus.dataset, limit: 9 } }))).id,
    );
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  });
  after(async () => {
    await database.close();
    await service.stop();
  });

  it('leaves the collection of its name as it was, and nothing of its own once the service has looked', async () => {
    const before = await readCollection(database, 'kept');
    const { id } = await service.submit(spec('kept'));
    await waitFor('some pages', async () => (await service.get(id)).progress.done > 100);
    const response = await fetch(`${service.address}/v1/jobs/${id}/cancel`, { method: 'POST' });
    assert.ok(response.ok, `${response.status}`);
    assert.equal((await service.waitForEnd(id)).state, 'cancelled');
    assert.deepEqual(await readCollection(database, 'kept'), before);
    assert.equal((await listTables(database)).length, 4);
    await service.stop();
    service = await start();
    const tables = [`pages_${before.collection.id}`, `panels_${before.collection.id}`];
    await waitFor('its tables to be removed', async () => (await listTables(database)).length === 2);
    assert.deepEqual(await listTables(database), tables);
    assert.deepEqual(await readCollection(database, 'kept'), before);
  });

  it('names the pages that cannot be read if they are too many, and has reports', async () => {
    await rm(path.join(corpus.folder, 'pages/3.jpg'));
    await rm(path.join(corpus.folder, 'pages/4.jpg'));
    await rm(path.join(corpus.folder, 'pages/5.jpg'));
    const { id } = await service.submit(spec('bad'));
    const { state, error, artifacts } = await service.waitForEnd(id);
    assert.deepEqual([state, error?.code], ['failed', 'too_many_bad_pages']);
    assert.match(error?.message ?? '', /image_missing \(Book 0\/page_003/);
    assert.deepEqual(
      artifacts.map(({ name }) => name),
      ['report.json', 'errors.jsonl', 'skipped.jsonl'],
    );
    const tolerant = await service.waitForEnd((await service.submit(spec('bad', { max_bad_pages: 0.5 }))).id);
    assert.equal(tolerant.state, 'succeeded', JSON.stringify(tolerant.error));
    const { collection } = await readCollection(database, 'bad');
    assert.equal(collection.pages, PAGES);
  });
});

describe('a service whose PostgreSQL server lacks pgvector', () => {
  let server: TestDatabase;
  let service: JobService;
  before(async () => {
    server = await startPostgres();
    service = await startJobService(tiny.home, corpus, { PANELVEC_SEARCH: 'on', DATABASE_URL: server.url ?? '' });
  });
  after(async () => {
    await service.stop();
    await server.stop();
  });

  it('refuses index jobs with what to install, and does all others', async () => {
    await assert.rejects(service.submit(spec('none')), /503.*search_unavailable.*install pgvector/);
    const { id } = await service.submit({ ...spec('checked'), type: 'embed', dry_run: true });
    assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  });
});
