import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Collection, type CollectionPage, panelId } from '../../../src/collections/collection.ts';
import { tablesOf } from '../../../src/collections/collection-tables.ts';
import { type FoundResults, findResults, type VectorQuery } from '../../../src/collections/search/find-results.ts';
import { indexSettings, toNearestQuery } from '../../../src/collections/search/nearest-panels.ts';
import { queryWithSettings } from '../../../src/collections/search/query-with-settings.ts';
import { foundPagesSql, foundPanelsSql } from '../../../src/collections/search/search-rows.ts';
import { dotProduct, toUnitLength } from '../../../src/util/vectors.ts';
import { COLLECTION_DATABASES, fillCollection, type TestCollections } from '../../support/collections.ts';
import { seeded } from '../../support/numeric.ts';

const DIMENSIONS = 16;
const PAGES = 600;
const PANELS_PER_PAGE = 4;
/** Of the pages of this book, one panel has the vector of the one before it. */
const COPIED_BOOK = 'copies';

const random = seeded(1);
const drawVector = () =>
  toUnitLength(Float32Array.from({ length: DIMENSIONS }, () => random() + random() + random() - 1.5));
const pages = Array.from({ length: PAGES }, (_, page) => makePage(page));
const panels = pages.flatMap((page) =>
  page.panels.map((panel) => ({ page, panel, id: panelId(page.canonicalId, panel.index) })),
);

/** Books of 200 pages, and two of a few. */
function makePage(page: number): CollectionPage {
  const book = page < 3 ? "the 'rare' book" : page < 6 ? COPIED_BOOK : `book ${Math.floor(page / 200)}`;
  const vectors = Array.from({ length: PANELS_PER_PAGE }, drawVector);
  if (book === COPIED_BOOK) vectors[2] = vectors[1]!;
  return {
    page,
    canonicalId: `${book}/${page}`,
    book,
    pageType: page % 2 === 0 ? 'story' : 'cover',
    summary: '',
    image: null,
    panels: vectors.map((embedding, panel) => ({
      panel,
      index: panel + 1,
      number: panel + 1,
      box: [panel, 1, 2, 3],
      text: panel === 0 ? `text of ${page}` : null,
      gate: null,
      embedding,
    })),
  };
}

const QUERY: Omit<VectorQuery, 'vector'> = {
  level: 'panel',
  topK: 10,
  exact: false,
  filters: {},
  excludedIds: [],
  offset: 0,
};

/** What a search has to find: all panels that fit, best first. */
function rank(vector: Float32Array, fits: (row: (typeof panels)[number]) => boolean = () => true) {
  return panels
    .filter(fits)
    .map((row) => ({ ...row, score: dotProduct(vector, row.panel.embedding) }))
    .sort((a, b) => b.score - a.score);
}

const idsOf = ({ results }: FoundResults) => results.map(({ id }) => id);
const overlap = (a: readonly string[], b: readonly string[]) => a.filter((id) => b.includes(id)).length / b.length;

for (const { name, skip, start } of COLLECTION_DATABASES) {
  describe(`a search in ${name}`, { skip }, () => {
    let database: TestCollections;
    let collection: Collection;
    before(async () => {
      database = await start();
      const fields = { name: 'c', model: 'm@1', space: 's', dimensions: DIMENSIONS };
      collection = await fillCollection(database.collections, fields, pages);
    });
    after(() => database.stop());

    const find = (vector: Float32Array, changes: Partial<VectorQuery> = {}) =>
      findResults(database.collections.database, collection, { ...QUERY, ...changes, vector });

    it('finds the nearest of all panels where it is exact', async () => {
      const vector = drawVector();
      const expected = rank(vector).slice(0, 10);
      const found = await find(vector, { exact: true });
      assert.equal(found.isExact, true);
      assert.ok(found.hasMore);
      assert.deepEqual(
        idsOf(found),
        expected.map(({ id }) => id),
      );
      for (const [
        i,
        { distance, panel, number, box, text, canonical_id, book, page_type },
      ] of found.results.entries()) {
        const { score, page, panel: row } = expected[i]!;
        assert.ok(Math.abs(1 - distance - score) < 2e-3);
        assert.deepEqual(
          { panel, number, box, text, canonical_id, book, page_type },
          {
            panel: row.panel,
            number: row.number,
            box: row.box,
            text: row.text,
            canonical_id: page.canonicalId,
            book: page.book,
            page_type: page.pageType,
          },
        );
      }
    });

    it('finds nearly the same by the index', async () => {
      let sum = 0;
      for (let i = 0; i < 20; i++) {
        const vector = drawVector();
        const [byIndex, exact] = [await find(vector), await find(vector, { exact: true })];
        assert.equal(byIndex.isExact, false);
        sum += overlap(idsOf(byIndex), idsOf(exact));
      }
      assert.ok(sum / 20 > 0.95, `recall ${sum / 20}`);
    });

    it('leaves no setting behind in the session', async () => {
      const { rows } = await database.collections.database.query(
        `SELECT current_setting('hnsw.ef_search') AS ef, current_setting('enable_sort') AS sort`,
      );
      assert.deepEqual(rows, [{ ef: '40', sort: 'on' }]);
    });

    it('reads no table as a whole by the index, and looks into the index once', async () => {
      const { database: connection } = database.collections;
      const query = toNearestQuery(connection, collection, { vector: drawVector(), condition: 'true', isExact: false });
      const range = { limit: 11, offset: 0 };
      const statements = [
        foundPanelsSql(connection, collection, query, range),
        foundPagesSql(connection, collection, query, 44, range),
      ];
      for (const statement of statements) {
        const rows = await queryWithSettings<{ 'QUERY PLAN': string }>(
          connection,
          indexSettings(collection, 10),
          `EXPLAIN (COSTS OFF) ${statement}`,
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.doesNotMatch(plan, /Seq Scan/);
        assert.equal(plan.match(/Index Scan using panels_\d+_embedding/g)?.length, 1, plan);
      }
    });

    it('goes on where a cursor leads without finding a panel twice', async () => {
      for (const [level, exact] of [
        ['panel', false],
        ['panel', true],
        ['page', false],
        ['page', true],
      ] as const) {
        const vector = drawVector();
        const ids: string[] = [];
        const distances: number[] = [];
        for (let offset = 0; offset < 250; offset += 25) {
          const { results } = await find(vector, { topK: 25, offset, level, exact });
          ids.push(...results.map((row) => (level === 'page' ? row.canonical_id : row.id)));
          distances.push(...results.map(({ distance }) => distance));
        }
        assert.equal(new Set(ids).size, 250, `${level} ${exact}`);
        // The order of the index on a server is that of half floats.
        const steps = distances.slice(1).map((distance, i) => distance - distances[i]!);
        assert.ok(Math.min(...steps) > -1e-3, `a step of ${Math.min(...steps)}`);
      }
    });

    it('ends with the last panel that fits', async () => {
      const filters = { book: "the 'rare' book" };
      const first = await find(drawVector(), { filters, topK: 11 });
      assert.equal(first.hasMore, true);
      const last = await find(drawVector(), { filters, topK: 11, offset: 11 });
      assert.deepEqual([last.results.length, last.hasMore], [1, false]);
    });

    it('finds all of a filter that few panels fit', async () => {
      const vector = drawVector();
      const found = await find(vector, { filters: { book: "the 'rare' book", hasText: true } });
      const expected = rank(vector, ({ page, panel }) => page.book === "the 'rare' book" && panel.text !== null);
      assert.deepEqual(
        idsOf(found),
        expected.map(({ id }) => id),
      );
      assert.equal(found.isExact, true);
    });

    it('finds the nearest that fit a filter which many panels fit', async () => {
      const vector = drawVector();
      const found = await find(vector, { filters: { pageType: 'cover' } });
      assert.equal(found.isExact, false);
      const expected = rank(vector, ({ page }) => page.pageType === 'cover').slice(0, 10);
      assert.ok(
        overlap(
          idsOf(found),
          expected.map(({ id }) => id),
        ) >= 0.9,
      );
      assert.ok(found.results.every(({ page_type }) => page_type === 'cover'));
    });

    it('names the filter that no panel fits', async () => {
      const cases = [
        [{ book: 'nowhere' }, 'filters.book', /"nowhere": there is "the 'rare' book"/],
        [{ pageType: 'advert', book: COPIED_BOOK }, 'filters.page_type', /there is "story", "cover"/],
        [{ book: "'; DROP TABLE panelvec.collections; --\0" }, 'filters.book', /DROP/],
      ] as const;
      for (const [filters, param, message] of cases)
        await assert.rejects(find(drawVector(), { filters }), { code: 'invalid_request', param, message });
      await database.collections.database.query(
        `UPDATE ${tablesOf(collection).panels} SET text = 'x' WHERE book = 'copies'`,
      );
      const filters = { book: COPIED_BOOK, hasText: false };
      await assert.rejects(find(drawVector(), { filters }), { param: 'filters' });
    });

    it('leaves out the panels of the query', async () => {
      const vector = drawVector();
      for (const exact of [false, true]) {
        const all = idsOf(await find(vector, { exact }));
        const others = idsOf(await find(vector, { exact, excludedIds: all.slice(0, 3) }));
        assert.deepEqual(others.slice(0, 7), all.slice(3));
      }
    });

    it('scores a page by its best panel, and gives all panels of it that fit', async () => {
      const vector = drawVector();
      const hasText = (text: string | null) => text === null;
      for (const exact of [false, true]) {
        const { results } = await find(vector, { level: 'page', exact, filters: { hasText: false } });
        const ranked = rank(vector, ({ panel }) => hasText(panel.text));
        const expectedPages = [...new Set(ranked.map(({ page }) => page.canonicalId))].slice(0, 10);
        assert.ok(
          overlap(
            results.map(({ canonical_id }) => canonical_id),
            expectedPages,
          ) >= (exact ? 1 : 0.9),
        );
        for (const { id, canonical_id, distance, page_panels } of results) {
          const ofPage = ranked.filter(({ page }) => page.canonicalId === canonical_id);
          assert.equal(page_panels?.length, ofPage.length);
          assert.deepEqual([page_panels[0]?.id, page_panels[0]?.distance], [id, distance]);
        }
      }
    });

    it('tells which panel is nearly the same as one before it', async () => {
      const vector = pages[4]!.panels[1]!.embedding;
      const { results } = await find(vector, { filters: { book: COPIED_BOOK } });
      const [first, second, ...others] = results;
      const copies = [1, 2].map((panel) => panelId(pages[4]!.canonicalId, panel + 1));
      assert.deepEqual([first?.id, second?.id].sort(), copies.sort());
      assert.deepEqual([first?.near_duplicate_of, second?.near_duplicate_of], [null, first?.id]);
      const pairs = others.filter((row) => row.near_duplicate_of !== null);
      assert.deepEqual(
        pairs.map(
          ({ near_duplicate_of, canonical_id }) =>
            results.find(({ id }) => id === near_duplicate_of)?.canonical_id === canonical_id,
        ),
        pairs.map(() => true),
      );
    });
  });
}
