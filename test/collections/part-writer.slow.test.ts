import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Collection, CollectionPage } from '../../src/collections/collection.ts';
import { beginCollection } from '../../src/collections/collection-records.ts';
import { tablesOf } from '../../src/collections/collection-tables.ts';
import { isPartComplete, writePart } from '../../src/collections/part-writer.ts';
import type { Database } from '../../src/database/database.ts';
import { COLLECTION_DATABASES, type TestCollections } from '../support/collections.ts';

const DIMENSIONS = 4;
const { signal } = new AbortController();

function makePages(count: number, panels: number, book = 'book'): CollectionPage[] {
  return Array.from({ length: count }, (_, page) => ({
    page,
    canonicalId: `${book}/page_${page}`,
    book,
    pageType: 'story',
    summary: 'half a character: \ud83d',
    image: null,
    panels: Array.from({ length: panels }, (_, panel) => ({
      panel,
      index: panel,
      number: null,
      box: [0, 0, 10, 20],
      text: null,
      gate: null,
      embedding: Float32Array.from([1, 0, 0, 0]),
    })),
  }));
}

/** A database in which something happens before the statements that fit. */
function withInterruptions(database: Database, pattern: RegExp, interrupt: () => Promise<void>): Database {
  return new Proxy(database, {
    get(target, key) {
      if (key === 'query')
        return async (text: string, values?: unknown[]) => {
          if (pattern.test(text)) await interrupt();
          return target.query(text, values);
        };
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

for (const { name: kind, skip, start } of COLLECTION_DATABASES) {
  describe(`a part of a collection in ${kind}`, { skip }, () => {
    let test: TestCollections;
    let database: Database;
    before(async () => {
      test = await start();
      database = test.collections.database;
    });
    after(() => test.stop());

    const begin = () =>
      test.collections.use((queries) =>
        beginCollection(queries, {
          name: 'parts',
          jobId: randomUUID(),
          model: 'm@1',
          space: 's',
          dimensions: DIMENSIONS,
          source: {},
        }),
      );
    const countRows = async (collection: Collection) => {
      const { pages, panels } = tablesOf(collection);
      const { rows } = await database.query<{ pages: number; panels: number }>(
        `SELECT (SELECT count(*) FROM ${pages})::integer AS pages, (SELECT count(*) FROM ${panels})::integer AS panels`,
      );
      return rows[0];
    };

    it('is complete when all of it is written, and keeps nothing of an attempt before', async () => {
      const collection = await begin();
      const dying = withInterruptions(database, /INSERT INTO .*pages_/s, async () => {
        throw new Error('killed');
      });
      await assert.rejects(writePart(dying, collection, 0, makePages(3, 5), signal), /killed/);
      assert.equal(await isPartComplete(database, collection, 0), false);
      await writePart(database, collection, 0, makePages(3, 4), signal);
      assert.ok(await isPartComplete(database, collection, 0));
      assert.deepEqual(await countRows(collection), { pages: 3, panels: 12 });
    });

    it('stays as it is when a worker that was stopped for long wakes up in the middle of the same part', async () => {
      const collection = await begin();
      let wasInterrupted = false;
      const late = withInterruptions(database, /INSERT INTO .*panels_/s, async () => {
        if (wasInterrupted) return;
        wasInterrupted = true;
        await writePart(database, collection, 0, makePages(3, 5), signal);
      });
      await writePart(late, collection, 0, makePages(4, 6), signal);
      assert.ok(wasInterrupted);
      assert.deepEqual(await countRows(collection), { pages: 3, panels: 15 });
    });

    it('is written again by the attempt that lost it to one that did not end', async () => {
      const collection = await begin();
      let wasInterrupted = false;
      const late = withInterruptions(database, /INSERT INTO .*panels_/s, async () => {
        if (wasInterrupted) return;
        wasInterrupted = true;
        const dying = withInterruptions(database, /INSERT INTO .*pages_/s, async () => {
          throw new Error('killed');
        });
        await assert.rejects(writePart(dying, collection, 0, makePages(4, 6), signal), /killed/);
      });
      await writePart(late, collection, 0, makePages(3, 5), signal);
      assert.ok(wasInterrupted);
      assert.deepEqual(await countRows(collection), { pages: 3, panels: 15 });
    });

    it('is not begun of vectors that are too wide for an index', async () => {
      const fields = { name: 'wide', jobId: randomUUID(), model: 'm@1', space: 's', dimensions: 4001, source: {} };
      const beginning = test.collections.use((queries) => beginCollection(queries, fields));
      await assert.rejects(beginning, { code: 'invalid_request', param: 'model' });
    });

    it('keeps the numbers that panel files give, whatever they are', async () => {
      const numbers = [2 ** 40, 1.5, -1, 1e300];
      const collection = await begin();
      const pages = makePages(1, numbers.length).map((page) => ({
        ...page,
        panels: page.panels.map((panel, i) => ({ ...panel, number: numbers[i] ?? null })),
      }));
      await writePart(database, collection, 0, pages, signal);
      const { rows } = await database.query<{ number: number }>(
        `SELECT number FROM ${tablesOf(collection).panels} ORDER BY panel`,
      );
      assert.deepEqual(
        rows.map(({ number }) => number),
        numbers,
      );
    });

    it('names a page whose book or type is too long for an index, and takes what just fits', async () => {
      const collection = await begin();
      const makeText = (length: number) => randomBytes(length).toString('hex').slice(0, length);
      await writePart(database, collection, 0, makePages(1, 1, makeText(2000)), signal);
      const long = makePages(1, 1).map((page) => ({ ...page, page: 1, pageType: makeText(2001) }));
      const writing = writePart(database, collection, 1, long, signal);
      const message = 'the page "book/page_0" has a page type of 2001 bytes, over 2000';
      await assert.rejects(writing, { code: 'dataset_invalid', message });
    });

    it('is refused with the reason if two pages have one id', async () => {
      const collection = await begin();
      await writePart(database, collection, 0, makePages(2, 1), signal);
      const again = makePages(2, 1).map((page) => ({ ...page, page: page.page + 2 }));
      await assert.rejects(writePart(database, collection, 1, again, signal), /two pages may have the same id/);
    });
  });
}
