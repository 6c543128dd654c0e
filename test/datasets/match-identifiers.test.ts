import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  bookOfPage,
  normaliseBookName,
  normalisePageId,
  parsePageNumber,
  simplifyId,
} from '../../src/datasets/identifiers.ts';
import { SmallDataset } from './small-dataset.ts';

const NONE = { normalised: 0, simplified: 0, suffix: 0 };

/** Labels by their ids, all of the story. */
const stories = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, 'story']));

describe('normalised identifiers', () => {
  const same: [id: string, normalised: string][] = [
    ['CalibreComics_extracted/Book/Page_001.JPG', 'book/page_001'],
    ['CalibreComics_extracted_20251107\\Book\\page_001.jpg.png', 'book/page_001'],
    ['amazon/Book/page_001.jpeg', 'book/page_001'],
    [' Book//page_001.webp ', 'book/page_001'],
    ['Book/page_001', 'book/page_001'],
    ['amazon/page_001.png', 'amazon/page_001'],
    ['Book/page_001.gif', 'book/page_001'],
    ['Book/page_001.pdf', 'book/page_001.pdf'],
    ['Book/page.1', 'book/page.1'],
    ['other/amazon/Book/p', 'other/amazon/book/p'],
  ];
  for (const [id, normalised] of same) {
    it(`of ${JSON.stringify(id)}`, () => assert.equal(normalisePageId(id), normalised));
  }

  const alike: [id: string, other: string][] = [
    ['CalibreComics_extracted/13th vol1/JPG/0001', '13th vol1_JPG_0001'],
    ['CalibreComics_extracted/13th vol1/JPG/0001.jpg', 'CalibreComics_extracted_20251107_13th vol1_JPG_0001.png'],
    ['Book 1\\JPG\\0001', 'book 1_jpg/0001'],
    ['Ōkami/p1', 'O\u0304kami_P1'],
    ['Book  1/p1', 'Book 1_p1'],
    ['Book\u00a01/p1', 'Book 1/p1'],
    ['Book%201/Caf%C3%A9', 'Book 1/Café'],
    ['Wait.../p1', 'Wait/p1'],
    ['Book __ p1', 'Book/p1'],
  ];
  for (const [id, other] of alike) {
    it(`are simplified alike: ${id} and ${other}`, () =>
      assert.equal(simplifyId(normalisePageId(id)), simplifyId(normalisePageId(other))));
  }

  const different: [id: string, other: string][] = [
    ['Book/p1', 'Book/p01'],
    ['Book/p1', 'Book/p１'],
    ['Book/p1', 'Book/p-1'],
    ['Book/p1', 'Bookp1'],
    ['amazon_Book/p1', 'Book/p1'],
    ['Book/100%', 'Book/100'],
    ['Book/p.1', 'Book/p1'],
  ];
  for (const [id, other] of different) {
    it(`stay different: ${id} and ${other}`, () =>
      assert.notEqual(simplifyId(normalisePageId(id)), simplifyId(normalisePageId(other))));
  }

  it('of books keep dots and need only one segment', () => {
    assert.equal(normaliseBookName('Amazon\\Mr. X.png'), 'mr. x.png');
    assert.equal(normaliseBookName('amazon'), 'amazon');
  });

  it('have a book and a page number', () => {
    assert.equal(bookOfPage('a/b\\page_3'), 'a/b');
    assert.equal(bookOfPage('page_3'), '');
    assert.deepEqual(
      ['Book 7/page_012.jpg', 'B\\p-1-02.jpg.png', 'page', 'B9/cover', `B/${'9'.repeat(20)}`].map(parsePageNumber),
      [12, 102, null, null, null],
    );
  });
});

describe('labels and manifest', () => {
  it('match exactly first', async () => {
    using files = new SmallDataset({
      manifest: ['amazon/A/p1', 'A/p1'],
      labels: stories('A/p1'),
      panels: ['A/p1', 'amazon/A/p1'],
    });
    const { kept, report } = await files.index();
    assert.deepEqual(kept, ['A/p1']);
    assert.deepEqual(report.bridged, { labels: NONE, panels: NONE });
  });

  it('match by normalised ids before they match by suffixes', async () => {
    using files = new SmallDataset({
      manifest: ['x/A/p1.jpg', 'amazon/a/P1.png'],
      labels: stories('CalibreComics_extracted\\A\\p1.jpg.png'),
      panels: ['amazon/a/P1.png'],
    });
    const { kept, report } = await files.index();
    assert.deepEqual(kept, ['amazon/a/P1.png']);
    assert.deepEqual(report.bridged.labels, { normalised: 1, simplified: 0, suffix: 0 });
  });

  it('match by simplified ids, as in names of files', async () => {
    const labels = [
      'CalibreComics_extracted/13th vol1/JPG/0001',
      'CalibreComics_extracted/13th vol1/JPG/0002',
      'A/p_1',
    ];
    const manifest = ['13th vol1_JPG_0001', '13th vol1_JPG_0002', 'A_p_1', 'a/P_1.jpg'];
    using files = new SmallDataset({
      manifest,
      labels: stories(...labels),
      panels: ['13th vol1/JPG/0001', '13th vol1_JPG_0002', 'A/P/1'],
    });
    const { kept, pages, report } = await files.index();
    assert.deepEqual(kept, ['13th vol1_JPG_0001', '13th vol1_JPG_0002', 'a/P_1.jpg']);
    assert.deepEqual(
      pages.map(({ labelId }) => labelId),
      labels,
    );
    assert.deepEqual(report.bridged.labels, { normalised: 1, simplified: 2, suffix: 0 });
    assert.deepEqual(report.bridged.panels, { normalised: 0, simplified: 2, suffix: 0 });
  });

  it('match a path in one segment under a folder that only one of them has', async () => {
    const manifest = ['13th vol1_JPG_0001', 'x/y/B/JPG/0002', 'x/A/p_3'];
    using files = new SmallDataset({
      manifest,
      labels: stories('other/13th vol1/JPG/0001', 'B_JPG_0002', 'p_3'),
      panels: manifest,
    });
    const { kept, report } = await files.index();
    assert.deepEqual(kept, manifest);
    assert.deepEqual(report.bridged.labels, { normalised: 0, simplified: 0, suffix: 3 });
  });

  it('are ambiguous if a path could be split in two ways', async () => {
    const manifest = ['a/b_c', 'a_b/c'];
    using files = new SmallDataset({ manifest, labels: stories('a_b_c', 'a/b/c', 'A/B_c'), panels: manifest });
    const { kept, skipped } = await files.index();
    assert.deepEqual(kept, ['a/b_c']);
    assert.deepEqual(
      skipped.map(({ id, detail }) => [id, detail]),
      ['a_b_c', 'a/b/c'].map((id) => [id, 'in the manifest it could be "a/b_c", "a_b/c"']),
    );
  });

  it('match by the longest common suffix', async () => {
    const manifest = ['x/y/A/p1', 'z/y/A/p1', 'z/q/A/p1'];
    using files = new SmallDataset({ manifest, labels: stories('w/x/y/A/p1'), panels: manifest });
    const { kept, report } = await files.index();
    assert.deepEqual(kept, ['x/y/A/p1']);
    assert.deepEqual(report.bridged.labels, { normalised: 0, simplified: 0, suffix: 1 });
  });

  it('match by book and page, not by the page alone', async () => {
    const manifest = ['x/A/p1', 'x/B/p2'];
    using files = new SmallDataset({ manifest, labels: stories('y/A/p1', 'y/C/p2'), panels: manifest });
    const { kept, reasons } = await files.index();
    assert.deepEqual(kept, ['x/A/p1']);
    assert.deepEqual(reasons, ['y/C/p2: no_image']);
  });

  it('match by one segment if an id has only one', async () => {
    const manifest = ['x/A/p1', 'p2'];
    using files = new SmallDataset({ manifest, labels: stories('p1.png', 'B/p2'), panels: manifest });
    assert.deepEqual((await files.index()).kept, ['x/A/p1', 'p2']);
  });

  it('do not match if there are several candidates', async () => {
    const manifest = ['amazon/a/p1', 'CalibreComics_extracted/A/p1', 'x/B/p1', 'y/B/p1', 'x/C/p3', 'y/D/p3'];
    using files = new SmallDataset({ manifest, labels: stories('A/p1', 'B/p1', 'p3'), panels: manifest });
    const { kept, skipped } = await files.index();
    assert.deepEqual(kept, []);
    assert.deepEqual(
      skipped.map(({ id, reason, detail }) => [id, reason, detail]),
      [
        ['A/p1', 'ambiguous', 'in the manifest it could be "amazon/a/p1", "CalibreComics_extracted/A/p1"'],
        ['B/p1', 'ambiguous', 'in the manifest it could be "x/B/p1", "y/B/p1"'],
        ['p3', 'ambiguous', 'in the manifest it could be "x/C/p3", "y/D/p3"'],
      ],
    );
  });

  it('name the first few of many candidates', async () => {
    const manifest = Array.from({ length: 9 }, (_, i) => `${i}/A/p1`);
    using files = new SmallDataset({ manifest, labels: stories('A/p1') });
    const [{ detail } = {}] = (await files.index()).skipped;
    assert.equal(detail, 'in the manifest it could be "0/A/p1", "1/A/p1", "2/A/p1", "3/A/p1", "4/A/p1" and 4 more');
  });

  it('use the first of two labels of a page if they agree', async () => {
    using files = new SmallDataset({
      manifest: ['A/p1'],
      labels: { 'amazon/A/p1': 'story', 'A/p1': 'story', 'a/P1.jpg': 'story' },
      panels: ['A/p1'],
    });
    const { kept, reasons, skipped } = await files.index();
    assert.deepEqual(kept, ['A/p1']);
    assert.deepEqual(reasons, ['A/p1: duplicate', 'a/P1.jpg: duplicate']);
    assert.equal(skipped[0]!.detail, 'labelled before as "amazon/A/p1"');
  });

  it('use neither of two labels of a page if they contradict each other', async () => {
    const labels = { 'amazon/A/p1': 'story', 'A/p1': 'cover', 'A/p2': 'narrative', 'a/p2': 'story' };
    using files = new SmallDataset({ manifest: ['A/p1', 'A/p2'], labels, panels: ['A/p1', 'A/p2'] });
    const { kept, reasons, skipped } = await files.index();
    assert.deepEqual(kept, []);
    assert.deepEqual(
      reasons,
      Object.keys(labels).map((id) => `${id}: conflict`),
    );
    assert.equal(skipped[0]!.detail, 'labelled story and cover');
  });

  it('do not match inexactly if only exact ids are allowed', async () => {
    using files = new SmallDataset({ manifest: ['A/p1'], labels: stories('a/p1'), panels: ['A/p1'] });
    const { reasons } = await files.index({ identifiers: 'exact' });
    assert.deepEqual(reasons, ['a/p1: no_image']);
  });
});

describe('pages and their panel files', () => {
  it('match inexactly in the same ways', async () => {
    const manifest = ['A/p1.jpg', 'amazon/B/p1', 'x/C/p1'];
    const panels = ['A/p1', 'B/p1.png', 'y/C/p1', 'unused/p9'];
    using files = new SmallDataset({ manifest, labels: stories(...manifest), panels });
    const { pages, report } = await files.index();
    assert.deepEqual(
      pages.map(({ panelsPath }) => path.relative(files.panels, panelsPath ?? '')),
      ['A/p1.json', 'B/p1.png.json', 'y/C/p1.json'],
    );
    assert.deepEqual(report.bridged.panels, { normalised: 2, simplified: 0, suffix: 1 });
    const exact = await files.index({ identifiers: 'exact' });
    assert.deepEqual(
      exact.reasons,
      manifest.map((id) => `${id}: no_panels`),
    );
  });

  it('do not match if there are several candidates', async () => {
    const panels = ['a/P1', 'A/p1.png'];
    using files = new SmallDataset({ manifest: ['A/p1'], labels: stories('A/p1'), panels });
    assert.deepEqual((await files.index()).skipped, [
      { id: 'A/p1', reason: 'ambiguous', detail: 'its panel file could be "A/p1.png", "a/P1"' },
    ]);
  });

  it('do not match if two pages would share a file', async () => {
    const manifest = ['amazon/A/p1', 'a/p1.jpg', 'B/p1', 'x/B/p1'];
    using files = new SmallDataset({ manifest, labels: stories(...manifest), panels: ['A/p1', 'B/p1'] });
    const { kept, reasons, report } = await files.index();
    assert.deepEqual(kept, ['B/p1']);
    assert.deepEqual(reasons, ['amazon/A/p1: conflict', 'a/p1.jpg: conflict', 'x/B/p1: conflict']);
    assert.deepEqual(report.bridged.panels, NONE);
  });

  it('are searched only under the root', async () => {
    const manifest = ['../p1', 'A/../../p1'];
    using files = new SmallDataset({ manifest, labels: stories(...manifest), panels: ['../p1'] });
    assert.deepEqual(
      (await files.index({ identifiers: 'exact' })).reasons,
      manifest.map((id) => `${id}: no_panels`),
    );
  });
});
