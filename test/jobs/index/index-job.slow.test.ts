import assert from 'node:assert/strict';
import { cp, readdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { panelId } from '../../../src/collections/collection.ts';
import type { Database } from '../../../src/database/database.ts';
import { chunkFile } from '../../../src/zarr/zarr-chunk.ts';
import { EMBEDDINGS } from '../../../src/zarr/zarr-metadata.ts';
import { listTables, readCollection } from '../../support/collection-rows.ts';
import { INDEX_DATABASES, type IndexService, startIndexService } from '../../support/index-service.ts';
import type { JobService } from '../../support/job-service-process.ts';
import type { Corpus } from '../../support/make-corpus.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const PAGES = 130;
/** Page i of a corpus has i modulo 6 panels. */
const PANELS = 21 * 15 + (0 + 1 + 2 + 3);

async function addOtherModel(home: string): Promise<void> {
  const other = await makeTinyModel({ name: 'other', mode: 'reference' });
  await cp(other.folder, path.join(home, 'models/other'), { recursive: true });
  await other.remove();
}

for (const { name: kind, skip, start } of INDEX_DATABASES) {
  describe(`index jobs over ${kind}`, { skip }, () => {
    let indexService: IndexService;
    let corpus: Corpus;
    let home: string;
    let service: JobService;
    let database: Database;
    before(async () => {
      indexService = await startIndexService(start, PAGES, { PANELVEC_MODELS: 'tiny,other' }, addOtherModel);
      ({ corpus, home, service, database } = indexService);
    });
    after(() => indexService.stop());

    async function runJob(body: object) {
      const { id } = await service.submit(body);
      const job = await service.waitForEnd(id);
      assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
      return job;
    }
    const ofDataset = (output: string, fields: object = {}) => ({
      type: 'index',
      output,
      dataset: corpus.dataset,
      ...fields,
    });
    const readReport = async (id: string) =>
      (await fetch(`${service.address}/v1/jobs/${id}/artifacts/report.json`)).json() as Promise<{
        collection: { name: string; panels: number; job_id: string };
        store?: { panels: number };
      }>;

    it('put the panels of a dataset into a collection, with all that a search shows', async () => {
      const job = await runJob(ofDataset('shelf'));
      const { collection, content } = await readCollection(database, 'shelf');
      assert.deepEqual([collection.pages, collection.panels], [PAGES, PANELS]);
      assert.deepEqual([content.pages.length, content.panels.length], [PAGES, PANELS]);
      const { embedding, gate, ...panel } = content.panels.find(({ page, panel }) => page === 23 && panel === 3) ?? {};
      const { canonical_id: canonicalId, image } = content.pages[23] ?? {};
      assert.equal(canonicalId, 'Book 1/page_003');
      assert.deepEqual(image, { path: path.join(corpus.folder, 'pages/23.jpg') });
      const id = panelId('Book 1/page_003', 3);
      assert.deepEqual(
        { ...panel, box: panel['box'].length },
        {
          id,
          part: 0,
          page: 23,
          panel: 3,
          panel_index: 3,
          number: 4,
          box: 4,
          text: 'rain falls on the roof. a cat sits, and waits.',
          book: 'Book 1',
          page_type: 'narrative',
        },
      );
      assert.ok(Math.abs(Math.hypot(...JSON.parse(embedding)) - 1) < 1e-3);
      assert.ok(Math.abs(gate.reduce((sum: number, share: number) => sum + share) - 1) < 1e-4);
      const { facets } = collection;
      assert.deepEqual([facets?.booksTotal, facets?.books.length], [7, 7]);
      assert.deepEqual(facets?.pageTypes, [{ value: 'narrative', panels: PANELS }]);
      const report = await readReport(job.id);
      assert.deepEqual([report.collection.panels, report.store?.panels], [PANELS, PANELS]);
      assert.deepEqual(
        job.artifacts.map(({ name }) => name),
        ['report.json', 'errors.jsonl', 'skipped.jsonl'],
      );
    });

    it('put the panels of a store into an equal collection, with its vectors', async () => {
      await runJob({ type: 'embed', output: 'stored', dataset: corpus.dataset });
      await runJob({ type: 'index', output: 'from-store', store: 'stored' });
      const [fromDataset, fromStore] = [
        await readCollection(database, 'shelf'),
        await readCollection(database, 'from-store'),
      ];
      assert.deepEqual(fromStore.content.pages, fromDataset.content.pages);
      assert.deepEqual(fromStore.content.panels, fromDataset.content.panels);
      const { embeddings } = await (await readZarrStore(path.join(home, 'stores/stored/embeddings.zarr'))).readChunk(0);
      const start = (23 * 16 + 3) * 16;
      const vector = embeddings.subarray(start, start + 16);
      const row = fromStore.content.panels.find(({ page, panel }) => page === 23 && panel === 3);
      const stored: number[] = JSON.parse(row?.['embedding']);
      for (const [i, value] of stored.entries()) {
        assert.ok(Math.abs(value - (vector[i] ?? Number.NaN) / Math.hypot(...vector)) < 1e-3, `number ${i}`);
      }
    });

    it('have an index over the vectors, and statistics', async () => {
      const { collection } = await readCollection(database, 'shelf');
      const { rows } = await database.query<{ definition: string }>(
        `SELECT indexdef AS definition FROM pg_indexes WHERE schemaname = 'panelvec' AND tablename = $1`,
        [`panels_${collection.id}`],
      );
      assert.ok(rows.some(({ definition }) => definition.includes('hnsw')));
      const { rows: statistics } = await database.query(
        `SELECT 1 FROM pg_stats WHERE schemaname = 'panelvec' AND tablename = $1 AND attname = 'book'`,
        [`panels_${collection.id}`],
      );
      assert.equal(statistics.length, 1);
    });

    it('are done at once if the collection is there, made from an equal source', async () => {
      const { collection } = await readCollection(database, 'shelf');
      const again = await runJob(ofDataset('shelf'));
      assert.deepEqual([again.progress.done, again.artifacts.length], [0, 1]);
      assert.equal((await readReport(again.id)).collection.job_id, collection.jobId);
      assert.equal((await readCollection(database, 'shelf')).collection.id, collection.id);
    });

    it('are done again if a file has changed that the pages or the vectors are read from', async () => {
      const indexAgain = async (fields: { output: string }) => {
        const { collection } = await readCollection(database, fields.output);
        const job = await runJob({ type: 'index', ...fields });
        assert.equal((await readReport(job.id)).collection.job_id, job.id);
        assert.notEqual((await readCollection(database, fields.output)).collection.id, collection.id);
      };
      const panelFile = (await readdir(corpus.folder, { recursive: true })).find((file) =>
        file.endsWith('page_003.json'),
      );
      for (const file of ['pages/23.jpg', panelFile ?? '']) {
        await utimes(path.join(corpus.folder, file), 1, 1);
        await indexAgain({ ...ofDataset('shelf') });
      }
      const fromStore = { output: 'from-store', store: 'stored' };
      const again = await runJob({ type: 'index', ...fromStore });
      assert.equal(again.progress.done, 0);
      await utimes(path.join(home, 'stores/stored/embeddings.zarr', chunkFile(EMBEDDINGS, 0)), 1, 1);
      await indexAgain(fromStore);
    });

    it('of another model or other pages take the place of the collection, and leave nothing of it', async () => {
      const { collection: first } = await readCollection(database, 'shelf');
      await runJob(ofDataset('shelf', { model: 'other' }));
      const { collection: second } = await readCollection(database, 'shelf');
      assert.notEqual(second.space, first.space);
      await runJob(ofDataset('shelf', { dataset: { ...corpus.dataset, limit: 7 } }));
      const { collection: third } = await readCollection(database, 'shelf');
      assert.deepEqual([third.pages, third.panels], [7, 15]);
      const tables = await listTables(database);
      for (const { id } of [first, second]) assert.ok(!tables.includes(`panels_${id}`), `${tables}`);
    });

    it('name the field of a spec that cannot be done', async () => {
      const refused = [
        [{ output: 'x' }, 'dataset'],
        [{ output: 'x', store: 'stored', dataset: corpus.dataset }, 'store'],
        [{ output: 'x', store: 'stored', model: 'tiny' }, 'model'],
        [{ output: 'x', store: 'absent' }, 'store'],
        [{ output: '../x', store: 'stored' }, 'output'],
      ] as const;
      for (const [fields, param] of refused) {
        await assert.rejects(service.submit({ type: 'index', ...fields }), new RegExp(`400.*"param":"${param}"`));
      }
      await rm(path.join(home, 'stores/stored/pages.jsonl'));
      const older = service.submit({ type: 'index', output: 'x', store: 'stored' });
      await assert.rejects(older, /400.*earlier version made it: embed into another store/);
    });
  });
}
