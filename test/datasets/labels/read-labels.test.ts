import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitIntoSegments } from '../../../src/datasets/labels/page-ranges.ts';
import { SmallDataset } from '../small-dataset.ts';

const pageIds = (book: string, count: number) => Array.from({ length: count }, (_, page) => `${book}/page_${page}`);
const range = (page_start: unknown, page_end: unknown) => ({ page_start, page_end });

/** Pages as `id type`, and the reasons of the others. */
async function readPages(manifest: readonly string[], labels: unknown, includeAllTypes = true) {
  using files = new SmallDataset({ manifest, labels, panels: manifest });
  const { pages, reasons, skipped, report } = await files.index({ only_narrative: !includeAllTypes });
  return { pages: pages.map(({ canonicalId, pageType }) => `${canonicalId} ${pageType}`), reasons, skipped, report };
}

describe('labels by page', () => {
  it('may be flat', async () => {
    const { pages } = await readPages(['A/1', 'A/2'], '\ufeff {"A/2": "story", "A/1": "cover"}\n');
    assert.deepEqual(pages, ['A/2 story', 'A/1 cover']);
  });

  it('may be nested by book', async () => {
    const labels = '{"B": {}, "A": {"2": "story", "10": "art", "1": "cover"}, "C": {"1": 5, "2": {"type": "story"}}}';
    const { pages, reasons } = await readPages(['A/1', 'A/2', 'A/10', 'C/1'], labels);
    assert.deepEqual(pages, ['A/2 story', 'A/10 art', 'A/1 cover']);
    assert.deepEqual(reasons, ['C/1: unknown_type', 'C/2: unknown_type']);
  });

  it('are all read if a key occurs twice', async () => {
    const labels = '{"A/1": "story", "A/2": "story", "A/1": "story", "A/2": "cover", "B": {"1": "art", "1": "text"}}';
    const { pages, reasons } = await readPages(['A/1', 'A/2', 'B/1'], labels);
    assert.deepEqual(pages, ['A/1 story']);
    assert.deepEqual(reasons, ['A/2: conflict', 'A/1: duplicate', 'A/2: conflict', 'B/1: conflict', 'B/1: conflict']);
  });

  it('are not read from nested lists', async () => {
    const { reasons } = await readPages(['A/1'], '{"A/1": ["story"], "A/2": []}');
    assert.deepEqual(reasons, ['A/1: unknown_type', 'A/2: unknown_type']);
  });

  it('may have the names of JavaScript built-ins', async () => {
    const labels = '{"__proto__": "story", "constructor/1": "story", "B": {"__proto__": "story"}}';
    const { pages } = await readPages(['__proto__', 'constructor/1', 'B/__proto__'], labels);
    assert.deepEqual(pages, ['__proto__ story', 'constructor/1 story', 'B/__proto__ story']);
  });

  it('may be many', async () => {
    const ids = pageIds('Ōkami', 30_000);
    const { report } = await readPages(ids.slice(0, 1), Object.fromEntries(ids.map((id) => [id, 'story'])));
    assert.deepEqual([report.labels, report.kept, report.skipped.no_image], [30_000, 1, 29_999]);
  });

  const broken: [labels: string, problem: RegExp][] = [
    ['', /labels\.json: the file is empty/],
    [' \n ', /labels\.json: the file is empty/],
    ['"story"', /labels\.json: expected a JSON object or a list/],
    ['12', /labels\.json: expected a JSON object or a list/],
    ['{"A/1": "story"', /labels\.json: the JSON ends in the middle/],
    ['{"A/1": "sto', /labels\.json: the JSON ends in the middle/],
    ['{"A/1": story}', /labels\.json: no JSON: /],
    ['{"A/1": "story",}', /labels\.json: no JSON: /],
    ['{"A/1": "story"} {}', /labels\.json: no JSON: /],
    ['[{"hash_code": "A"}', /labels\.json: the JSON ends in the middle/],
  ];
  for (const [labels, message] of broken) {
    it(`are refused: ${JSON.stringify(labels)}`, () =>
      assert.rejects(readPages([], labels), { code: 'dataset_invalid', message }));
  }

  it('must be text', async () => {
    const latin1 = Buffer.from('{"A/1": "story",\n"B\xe9/1": "story"}', 'latin1');
    await assert.rejects(readPages([], latin1), {
      code: 'dataset_invalid',
      message: /labels\.json: line 2, byte 19: the bytes 0xe92f are not utf-8: save it as UTF-8$/,
    });
    const utf16 = Buffer.from('\ufeff{"Bé/1": "story"}', 'utf16le');
    assert.deepEqual((await readPages(['Bé/1'], utf16)).pages, ['Bé/1 story']);
  });

  it('are named if the file is missing', async () => {
    using files = new SmallDataset({ manifest: [], labels: {} });
    const refused = { code: 'dataset_invalid', message: '/absent/labels.json: there is no such file or folder' };
    await assert.rejects(files.index({ pss_labels: '/absent/labels.json' }), refused);
  });
});

describe('labels by ranges', () => {
  const everyList = {
    hash_code: 'A',
    covers: [range(0, 0)],
    credits: [range(1, 1)],
    'first-pages': [range(2, 2)],
    stories: [range(2, 3)],
    advertisements: [range(4, 4)],
    textstories: [range(5, 5)],
    art: [range(6, 6)],
    text: [range(7, 7)],
    back_covers: [range(8, 8)],
    title: 'Of A',
  };

  it('give each page its type, both ends included', async () => {
    const { pages, reasons, report } = await readPages(pageIds('A', 10), [everyList]);
    assert.deepEqual(pages, [
      'A/page_0 cover',
      'A/page_1 credits',
      'A/page_2 story',
      'A/page_3 story',
      'A/page_4 advertisement',
      'A/page_5 textstory',
      'A/page_6 art',
      'A/page_7 text',
      'A/page_8 back_cover',
    ]);
    assert.deepEqual(reasons, []);
    assert.deepEqual([report.labels, report.manifest.unlabelled], [9, 1]);
    assert.equal((await readPages(pageIds('A', 10), [everyList], false)).pages.length, 2);
  });

  it('come in the order of the list, pages by number', async () => {
    const manifest = ['A/page_10.jpg', 'A/page_2.jpg', 'B/p1'];
    const labels = [
      { hash_code: 'B', stories: [range(1, 1)] },
      { hash_code: 'A', stories: [range(10, 10), range(2, 2)] },
    ];
    const { pages } = await readPages(manifest, labels);
    assert.deepEqual(pages, ['B/p1 story', 'A/page_2.jpg story', 'A/page_10.jpg story']);
  });

  it('are skipped if they contradict each other', async () => {
    const labels = [{ hash_code: 'A', stories: [range(0, 3)], advertisements: [range(2, 4)] }];
    const { pages, reasons } = await readPages(pageIds('A', 4), labels);
    assert.deepEqual(pages, ['A/page_0 story', 'A/page_1 story']);
    assert.deepEqual(reasons, [2, 2, 3, 3].map((page) => `A/page_${page}: conflict`).concat('A: no_image'));
  });

  it('may overlap if they have the same type', async () => {
    const labels = [{ hash_code: 'A', stories: [range(0, 2), range(1, 3)], 'first-pages': [range(0, 0), range(3, 3)] }];
    const { pages, reasons } = await readPages(pageIds('A', 4), labels);
    assert.equal(pages.length, 4);
    assert.deepEqual(reasons, []);
  });

  it('count the pages that the manifest lacks', async () => {
    const labels = [
      { hash_code: 'A', covers: [range(0, 0)], stories: [range(1, 1e9)] },
      { hash_code: 'Absent', stories: [range(3, 5)] },
    ];
    const { pages, skipped, report } = await readPages(['A/p1', 'A/p2', 'A/p5', 'A/cover'], labels, false);
    assert.deepEqual(pages, ['A/p1 story', 'A/p2 story', 'A/p5 story']);
    assert.deepEqual(skipped, [
      { id: 'A', detail: 'page 0 (cover): not in the manifest', pages: 1, reason: 'page_type' },
      { id: 'A', detail: 'pages 3 to 4 (story): not in the manifest', pages: 2, reason: 'no_image' },
      { id: 'A', detail: 'pages 6 to 1000000000 (story): not in the manifest', pages: 999_999_995, reason: 'no_image' },
      {
        id: 'Absent',
        detail: 'pages 3 to 5 (story): the manifest has no page of this book',
        pages: 3,
        reason: 'no_image',
      },
    ]);
    assert.equal(report.labels, 1e9 + 1 + 3);
    assert.equal(report.skipped.no_image, 1e9);
  });

  it('find the pages of books whose paths are in one segment', async () => {
    const manifest = ['13th vol1_JPG_0001.jpg', '13th vol1_JPG_0002.jpg', '14th vol1_JPG_0001.jpg'];
    const labels = [{ hash_code: 'CalibreComics_extracted/13th vol1/JPG', stories: [range(1, 2)] }];
    const { pages, report } = await readPages(manifest, labels);
    assert.deepEqual(pages, ['13th vol1_JPG_0001.jpg story', '13th vol1_JPG_0002.jpg story']);
    assert.deepEqual(report.bridged.labels, { normalised: 0, simplified: 2, suffix: 0 });
  });

  it('match the names of books inexactly, as pages do', async () => {
    const manifest = ['CalibreComics_extracted/A/p1.jpg', 'x/B/p1', 'x/C/p1', 'y/C/p1', 'x/B/deeper/p1'];
    const labels = ['a', 'amazon/B', 'C'].map((hash_code) => ({ hash_code, stories: [range(1, 1)] }));
    const { pages, skipped, report } = await readPages(manifest, labels);
    assert.deepEqual(pages, ['CalibreComics_extracted/A/p1.jpg story', 'x/B/p1 story']);
    assert.deepEqual(report.bridged.labels, { normalised: 1, simplified: 0, suffix: 1 });
    assert.deepEqual(skipped, [
      {
        id: 'C',
        detail: 'page 1 (story): in the manifest the book could be "x/C", "y/C"',
        pages: 1,
        reason: 'ambiguous',
      },
    ]);
    using files = new SmallDataset({ manifest, labels });
    assert.equal((await files.index({ identifiers: 'exact' })).report.skipped.no_image, 3);
  });

  it('do not choose among pages of the same number', async () => {
    const labels = [{ hash_code: 'A', stories: [range(1, 2)] }];
    const { pages, skipped } = await readPages(['A/p1', 'A/p01', 'A/p2'], labels);
    assert.deepEqual(pages, ['A/p2 story']);
    assert.match(skipped[0]!.detail!, /page 1 \(story\): in the manifest it could be "A\/p1", "A\/p01"/);
    assert.equal(skipped[0]!.reason, 'ambiguous');
  });

  it('are reported if they cannot be read', async () => {
    const labels = [
      'A',
      {},
      { hash_code: 7 },
      { hash_code: 'A', stories: [range(1, 1), range(3, 2), range('1', '2'), 5], art: 'x', covers: null },
      { hash_code: 'A', posters: [range(0, 0)], notes: ['fine'] },
    ];
    const { pages, skipped } = await readPages(pageIds('A', 2), labels);
    assert.deepEqual(pages, ['A/page_1 story']);
    assert.deepEqual(
      skipped.map(({ id, reason, detail = '' }) => `${id} ${reason} ${detail}`.trim()),
      [
        '[0]: no object unknown_type',
        '[1]: expected one hash_code, a string unknown_type',
        '[2]: expected one hash_code, a string unknown_type',
        'A unknown_type stories[1]: expected whole numbers page_start <= page_end',
        'A unknown_type stories[2]: expected whole numbers page_start <= page_end',
        'A unknown_type stories[3]: expected whole numbers page_start <= page_end',
        'A unknown_type art: expected a list',
        'A unknown_type "posters" is no known list of pages',
      ],
    );
  });

  it('are all read if a list of a book occurs twice', async () => {
    const labels =
      '[{"stories": [{"page_start": 0, "page_end": 0}], "hash_code": "A", "stories": [{"page_start": 1, "page_end": 1}]}]';
    assert.deepEqual((await readPages(pageIds('A', 2), labels)).pages, ['A/page_0 story', 'A/page_1 story']);
  });
});

describe('segments of ranges', () => {
  it('are in the order of the pages, and joined if they have the same types', () => {
    const segments = splitIntoSegments([
      { type: 'art', start: 9, end: 9 },
      { type: 'story', start: 1, end: 4 },
      { type: 'story', start: 5, end: 6 },
      { type: 'cover', start: 6, end: 7 },
    ]);
    assert.deepEqual(segments, [
      { start: 1, end: 5, types: ['story'] },
      { start: 6, end: 6, types: ['story', 'cover'] },
      { start: 7, end: 7, types: ['cover'] },
      { start: 9, end: 9, types: ['art'] },
    ]);
    assert.deepEqual(splitIntoSegments([]), []);
  });
});
