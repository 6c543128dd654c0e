import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type CollectionPage, panelId } from '../../src/collections/collection.ts';
import type { CollectionDatabase } from '../../src/collections/collection-database.ts';
import {
  beginCollection,
  deleteCollection,
  getCollection,
  listCollections,
  publishCollection,
  removeCollection,
} from '../../src/collections/collection-records.ts';
import { tablesOf } from '../../src/collections/collection-tables.ts';
import { writePart } from '../../src/collections/part-writer.ts';
import { COLLECTION_DATABASES, type TestCollections } from '../support/collections.ts';

const DIMENSIONS = 4;
const { signal } = new AbortController();

function makePage(page: number, panels: number): CollectionPage {
  const canonicalId = `book/page_${page}`;
  return {
    page,
    canonicalId,
    book: 'book',
    pageType: 'story',
    summary: '',
    image: { path: '/pages/p.png' },
    panels: Array.from({ length: panels }, (_, panel) => ({
      panel,
      index: panel,
      number: panel + 1,
      box: [0, 0, 10, 20],
      text: 'a\0 <b>"\u{1F600}',
      gate: null,
      embedding: Float32Array.from([1, page, panel, 0].map((value) => value / Math.hypot(1, page, panel))),
    })),
  };
}

for (const { name: kind, skip, start } of COLLECTION_DATABASES) {
  describe(`collections in ${kind}`, { skip }, () => {
    let test: TestCollections;
    let collections: CollectionDatabase;
    before(async () => {
      test = await start();
      collections = test.collections;
    });
    after(() => test.stop());

    const begin = (name: string, jobId = randomUUID()) =>
      collections.use((database) =>
        beginCollection(database, { name, jobId, model: 'm@1', space: 's', dimensions: DIMENSIONS, source: {} }),
      );
    const countRows = async (id: number) => {
      const { panels } = tablesOf({ id });
      const { rows } = await collections.database.query<{ count: string }>(`SELECT count(*) FROM ${panels}`);
      return Number(rows[0]?.count);
    };

    it('writes a part twice without a double row', async () => {
      const collection = await begin('twice');
      const pages = [makePage(0, 3), makePage(1, 25)];
      await writePart(collections.database, collection, 0, pages, signal);
      await writePart(collections.database, collection, 0, pages, signal);
      assert.equal(await countRows(collection.id), 28);
      const { rows } = await collections.database.query<{ id: string; text: string }>(
        `SELECT id, text FROM ${tablesOf(collection).panels} WHERE page = 0 ORDER BY panel`,
      );
      assert.equal(rows[1]?.id, panelId('book/page_0', 1));
      assert.equal(rows[1]?.text, 'a\uFFFD <b>"\u{1F600}');
    });

    it('gives a job that begins again the collection that it has begun', async () => {
      const jobId = randomUUID();
      assert.equal((await begin('again', jobId)).id, (await begin('again', jobId)).id);
    });

    it('takes the place of the collection of the same name when it is published, and not before', async () => {
      const counts = { pages: 0, panels: 0, facets: null };
      const first = await begin('name');
      await publishCollection(collections.database, first, counts);
      const second = await begin('name');
      assert.equal((await getCollection(collections.database, 'name')).id, first.id);
      await publishCollection(collections.database, second, counts);
      assert.equal((await getCollection(collections.database, 'name')).id, second.id);
      await assert.rejects(countRows(first.id), { code: '42P01' });
      await deleteCollection(collections.database, 'name');
      await assert.rejects(getCollection(collections.database, 'name'), { code: 'not_found' });
      assert.deepEqual(await listCollections(collections.database), []);
    });

    it('leaves the earlier collection as it is if the new one was removed meanwhile', async () => {
      const counts = { pages: 0, panels: 0, facets: null };
      const first = await begin('kept');
      await publishCollection(collections.database, first, counts);
      const second = await begin('kept');
      await removeCollection(collections.database, second);
      await assert.rejects(publishCollection(collections.database, second, counts), { code: 'output_conflict' });
      assert.equal((await getCollection(collections.database, 'kept')).id, first.id);
      assert.equal(await countRows(first.id), 0);
    });
  });
}
