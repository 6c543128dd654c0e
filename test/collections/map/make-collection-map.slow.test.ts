import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Collection, panelId } from '../../../src/collections/collection.ts';
import type { CollectionDatabase } from '../../../src/collections/collection-database.ts';
import { beginCollection, removeCollection } from '../../../src/collections/collection-records.ts';
import { findMapped, readMapPoints, readMapSummary } from '../../../src/collections/map/collection-map.ts';
import { makeCollectionMap } from '../../../src/collections/map/make-collection-map.ts';
import { writePart } from '../../../src/collections/part-writer.ts';
import { toUnitLength } from '../../../src/util/vectors.ts';
import { COLLECTION_DATABASES, type TestCollections } from '../../support/collections.ts';
import { decodeMapPoints } from '../../support/map-points.ts';
import { seeded } from '../../support/numeric.ts';

const DIMENSIONS = 8;
const GROUPS = 3;
const PANELS_PER_PAGE = 4;
const { signal } = new AbortController();

for (const { name: kind, skip, start } of COLLECTION_DATABASES) {
  describe(`the map of a collection in ${kind}`, { skip }, () => {
    let test: TestCollections;
    let collections: CollectionDatabase;
    before(async () => {
      test = await start();
      collections = test.collections;
    });
    after(() => test.stop());

    /** Page p belongs to group p % 3, and so do the vectors of its panels. */
    async function fill(pages: number): Promise<Collection> {
      const random = seeded(5);
      const source = { name: 'c', jobId: randomUUID(), model: 'm@1', space: 's', dimensions: DIMENSIONS, source: {} };
      const collection = await collections.use((database) => beginCollection(database, source));
      const vector = (group: number) =>
        toUnitLength(Float32Array.from({ length: DIMENSIONS }, (_, i) => 0.2 * (random() - 0.5) + Number(i === group)));
      await writePart(
        collections.database,
        collection,
        0,
        Array.from({ length: pages }, (_, page) => ({
          page,
          canonicalId: `p${page}`,
          book: `book ${page % 2}`,
          pageType: ['cover', 'story', 'credits'][page % GROUPS] ?? '',
          summary: '',
          image: null,
          panels: Array.from({ length: PANELS_PER_PAGE }, (_, panel) => ({
            ...{ panel, index: panel, number: null, box: [0, 0, 1, 1], text: null, gate: null },
            embedding: vector(page % GROUPS),
          })),
        })),
        signal,
      );
      return collection;
    }

    it('has each panel once, with its book, page type and cluster, near to those that are alike', async () => {
      const { database } = collections;
      const collection = await fill(90);
      assert.equal((await findMapped(database, [collection])).size, 0);
      await makeCollectionMap(database, collection, 1, signal);
      const { summary, sha256 } = await readMapSummary(database, collection);
      const points = decodeMapPoints(await readMapPoints(database, collection));

      assert.deepEqual([...(await findMapped(database, [collection]))], [collection.id]);
      assert.match(sha256, /^[0-9a-f]{64}$/);
      assert.deepEqual([summary.count, summary.landmarks, summary.seed], [360, 360, 1]);
      assert.deepEqual(summary.books, [
        { value: 'book 0', panels: 180 },
        { value: 'book 1', panels: 180 },
      ]);
      const page = new Map(
        Array.from({ length: 360 }, (_, i) => [panelId(`p${Math.floor(i / 4)}`, i % 4), Math.floor(i / 4)] as const),
      );
      assert.deepEqual(points.ids.toSorted(), [...page.keys()].sort());
      const groupOf = (id: string | undefined) => (page.get(id ?? '') ?? -1) % GROUPS;
      for (const [i, id] of points.ids.entries()) {
        assert.equal(summary.books[points.books[i]!]?.value, `book ${page.get(id)! % 2}`);
        assert.equal(summary.pageTypes[points.pageTypes[i]!]?.value, ['cover', 'story', 'credits'][groupOf(id)]);
        const distance = (j: number) =>
          Math.hypot(
            points.places[2 * i]! - points.places[2 * j]!,
            points.places[2 * i + 1]! - points.places[2 * j + 1]!,
          );
        const [nearest] = points.ids
          .map((_, j) => j)
          .filter((j) => j !== i)
          .sort((a, b) => distance(a) - distance(b));
        assert.equal(groupOf(points.ids[nearest!]), groupOf(id));
      }
      const sizes = summary.clusters.map(({ panels }) => panels);
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => b - a),
      );
      for (const [cluster, { panels, faces }] of summary.clusters.entries()) {
        const members = points.ids.filter((_, i) => points.clusters[i] === cluster);
        assert.equal(members.length, panels);
        assert.equal(new Set(members.map(groupOf)).size, 1, 'a cluster lies within a group');
        assert.equal(faces.length, Math.min(3, panels));
        assert.ok(faces.every((face) => members.includes(face)));
      }
    });

    it('is the same for the same rows and seed, goes with its collection, and can be cancelled', async () => {
      const { database } = collections;
      const collection = await fill(10);
      await makeCollectionMap(database, collection, 1, signal);
      const { sha256 } = await readMapSummary(database, collection);
      await makeCollectionMap(database, collection, 2, signal);
      assert.notEqual((await readMapSummary(database, collection)).sha256, sha256);
      await makeCollectionMap(database, collection, 1, signal);
      assert.equal((await readMapSummary(database, collection)).sha256, sha256);

      const reason = new Error('cancelled');
      const controller = new AbortController();
      const made = makeCollectionMap(database, collection, 3, controller.signal);
      controller.abort(reason);
      await assert.rejects(made, reason);
      assert.equal((await readMapSummary(database, collection)).sha256, sha256);

      await database.transaction((queries) => removeCollection(queries, collection));
      await assert.rejects(readMapSummary(database, collection), { code: 'not_found' });
    });

    it('is there for one panel, and not for none', async () => {
      const { database } = collections;
      const none = await fill(0);
      await makeCollectionMap(database, none, 1, signal);
      assert.equal((await findMapped(database, [none])).size, 0);
      const few = await fill(1);
      await makeCollectionMap(database, few, 1, signal);
      const points = decodeMapPoints(await readMapPoints(database, few));
      assert.equal(points.ids.length, PANELS_PER_PAGE);
      assert.ok(points.places.every(Number.isFinite));
    });
  });
}
