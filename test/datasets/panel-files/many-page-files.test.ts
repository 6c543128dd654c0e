import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Dataset, panelsSchema } from '../../../src/datasets/dataset-spec.ts';
import type { PageEntry } from '../../../src/datasets/index-pages.ts';
import { readPagePanels } from '../../../src/datasets/panel-files/page-panels.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { SmallDataset } from '../small-dataset.ts';
import { type MadePage, makePage, toCoco, toKumiko, toMokuroPage, toOcr } from './made-panel-files.ts';

const IDS = ['A/page_001', 'A/page_002', 'B/page_001'];

function makeDataset(ids: readonly string[] = IDS): SmallDataset {
  return new SmallDataset({ manifest: ids, labels: Object.fromEntries(ids.map((id) => [id, 'narrative'])) });
}

function makePages(names: readonly string[]): MadePage[] {
  const random = mulberry32(3);
  return names.map((name) => makePage(name, random));
}

function write(dataset: SmallDataset, name: string, json: unknown): string {
  const file = path.join(dataset.panels, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return file;
}

function panelsOf(fields: Partial<Dataset['panels']>): Dataset['panels'] {
  return panelsSchema.parse(fields);
}

/** The panels of a page of the index, from its record. */
function readRecord(entry: PageEntry | undefined, made: MadePage, fields: Partial<Dataset['panels']> = {}) {
  const record = entry?.panelsRecord;
  assert.ok(record !== undefined);
  return readPagePanels(record.json, panelsOf(fields), made, 16).panels.map(({ crop, text }) => ({ crop, text }));
}

describe('a file for many pages', () => {
  it('is split over the pages that it names', async () => {
    using dataset = makeDataset();
    const made = makePages(IDS);
    const files = {
      coco: toCoco(made),
      kumiko: made.map(toKumiko),
      mokuro: { version: '0.2', pages: made.map(toMokuroPage) },
    };
    for (const [format, json] of Object.entries(files)) {
      const root = write(dataset, `../${format}.json`, json);
      const { pages, kept, report } = await dataset.index({ panels: panelsOf({ root }) });
      assert.deepEqual(kept, IDS);
      assert.deepEqual(
        pages.map(({ panelsId, panelsPath, panelsRecord }) => [panelsId, panelsPath, panelsRecord?.file]),
        made.map(({ name }) => [`${format}.json/${name}.jpg`, null, root]),
      );
      assert.deepEqual(report.manyPageFiles, { files: 1, pages: 3, matched: 3, unread: [] });
      for (const [i, page] of made.entries()) {
        const ocr = readPagePanels(toOcr(page), panelsOf({ format: 'ocr' }), page, 16);
        const withText = ocr.panels.map(({ crop, text }) => ({ crop, text }));
        const read = readRecord(pages[i], page);
        if (format === 'coco') assert.deepEqual(read, withText);
        if (format === 'kumiko')
          assert.deepEqual(
            read,
            withText.map(({ crop }) => ({ crop, text: null })),
          );
        if (format === 'mokuro') assert.equal(read.length, 1);
      }
    }
  });

  it('may lie in a folder, a volume or book each, beside files of single pages', async () => {
    using dataset = makeDataset([...IDS, 'C/page_001', 'D/page_001']);
    const [a1, a2, b1] = makePages(['page_001', 'page_002', 'page_001']) as [MadePage, MadePage, MadePage];
    write(dataset, 'A.mokuro', { pages: [toMokuroPage(a1), toMokuroPage(a2)] });
    write(dataset, 'B.json', [toKumiko(b1)]);
    write(dataset, 'C/page_001.json', { panels: [] });
    // The page of a book that the dataset does not have: it is not that of D.
    write(dataset, 'E.mokuro', { pages: [toMokuroPage(b1)] });
    write(dataset, 'notes.json', { nothing: 'here' });
    write(dataset, 'broken.json', '{"pages": [');
    symlinkSync('B.json', path.join(dataset.panels, 'link.json'));
    const { pages, reasons, report } = await dataset.index({ panels: panelsOf({ root: dataset.panels }) });
    assert.deepEqual(
      pages.map(({ canonicalId, panelsId, panelsRecord }) => [
        canonicalId,
        panelsId,
        panelsRecord && path.basename(panelsRecord.file),
      ]),
      [
        ['A/page_001', 'A.mokuro/page_001.jpg', 'A.mokuro'],
        ['A/page_002', 'A.mokuro/page_002.jpg', 'A.mokuro'],
        ['B/page_001', 'B.json/page_001.jpg', 'B.json'],
        ['C/page_001', undefined, undefined],
      ],
    );
    assert.deepEqual(reasons, ['D/page_001: no_panels']);
    assert.deepEqual([report.manyPageFiles.files, report.manyPageFiles.pages, report.manyPageFiles.matched], [3, 4, 3]);
    assert.match(report.manyPageFiles.unread[0]?.problem ?? '', /broken\.json: line 1: the text ends early/);
  });

  it('gives no page panels that could be those of another', async () => {
    using dataset = makeDataset();
    const [one, two, again] = makePages(['page_001', 'page_002', 'page_002']) as [MadePage, MadePage, MadePage];
    const root = write(dataset, '../all.json', [one, two, again].map(toKumiko));
    const { reasons, skipped } = await dataset.index({ panels: panelsOf({ root, format: 'kumiko' }) });
    assert.deepEqual(reasons, ['A/page_001: conflict', 'A/page_002: ambiguous', 'B/page_001: conflict']);
    assert.match(skipped[0]?.detail ?? '', /"page_001\.jpg" of .*all\.json could as well be "B\/page_001"/);
  });

  it('is matched exactly where ids are', async () => {
    using dataset = makeDataset();
    const made = makePages(['A/page_001', 'a/PAGE_002', 'B/page_001']);
    const root = write(dataset, '../all.json', toCoco(made));
    const { kept } = await dataset.index({ panels: panelsOf({ root }), identifiers: 'exact' });
    assert.deepEqual(kept, ['A/page_001', 'B/page_001']);
    assert.deepEqual((await dataset.index({ panels: panelsOf({ root }) })).kept, IDS);
  });

  it('tells what of it is no page', async () => {
    using dataset = makeDataset();
    const coco = toCoco(makePages(IDS.slice(0, 2)));
    const annotations = [...coco.annotations, { image_id: '0', category_id: '7', bbox: [0, 0, 9, 9] }, { image_id: 9 }];
    const root = write(dataset, '../coco.json', { ...coco, images: [...coco.images, { id: 7 }], annotations });
    const { report, kept, pages } = await dataset.index({ panels: panelsOf({ root }) });
    assert.deepEqual(kept, IDS.slice(0, 2));
    const { unread, ...counts } = report.manyPageFiles;
    assert.deepEqual(counts, { files: 1, pages: 2, matched: 2 });
    assert.deepEqual(
      unread.map(({ problem }) => problem),
      ['page 2 does not name its image', '1 annotations are of images that the file does not list'],
    );
    const [made] = makePages(IDS.slice(0, 1)) as [MadePage];
    assert.equal(readRecord(pages[0], made).length, made.panels.length + 1);
  });

  it('gives no page the panels of two images with one id', async () => {
    using dataset = makeDataset();
    const coco = toCoco(makePages(IDS));
    const images = coco.images.map((image, i) => (i === 1 ? { ...image, id: 0 } : image));
    const root = write(dataset, '../coco.json', { ...coco, images });
    const { report, kept, reasons } = await dataset.index({ panels: panelsOf({ root }) });
    assert.deepEqual([kept, reasons], [['B/page_001'], ['A/page_001: no_panels', 'A/page_002: no_panels']]);
    assert.deepEqual(
      report.manyPageFiles.unread.map(({ problem }) => problem.replace(/^\d+ ann/, 'ann')),
      [
        'several images have the id 0',
        'several images have the id 0',
        'annotations are of images that the file does not list',
      ],
    );
  });

  it('is found by the names that its images had before a tool for annotation renamed them', async () => {
    using dataset = makeDataset(['A/page_001', 'A/page_002']);
    const renamings = [
      (name: string) => `${name}_jpg.rf.0a1b2c3d4e5f60718293a4b5c6d7e8f9.jpg`,
      (name: string) => `images\\0a1b2c3d-${name}.jpg`,
      (name: string) => `https://example.com/A/${name}.jpg?size=large`,
    ];
    for (const rename of renamings) {
      const root = write(dataset, '../renamed.json', toCoco(makePages(['page_001', 'page_002']), rename));
      assert.deepEqual((await dataset.index({ panels: panelsOf({ root }) })).kept, ['A/page_001', 'A/page_002']);
      assert.deepEqual((await dataset.index({ panels: panelsOf({ root }), identifiers: 'exact' })).kept, []);
    }
    const [first, second] = makePages(['page_001', 'page_002']).map((page) =>
      toCoco([page], (name) => `${name}_jpg.rf.0a1b2c3d.jpg`),
    );
    write(dataset, 'train/_annotations.coco.json', first);
    write(dataset, 'valid/_annotations.coco.json', second);
    const parts = await dataset.index({ panels: panelsOf({ root: dataset.panels }) });
    assert.deepEqual(parts.kept, ['A/page_001', 'A/page_002']);
    const twice = toCoco(makePages(['page_001', 'page_001']), (name, i) => `${name}_jpg.rf.0000000${i}.jpg`);
    const root = write(dataset, '../twice.json', twice);
    const { reasons } = await dataset.index({ panels: panelsOf({ root }) });
    assert.deepEqual(reasons, ['A/page_001: ambiguous', 'A/page_002: no_panels']);
  });

  it('tells how it names images, if none is found', async () => {
    using dataset = makeDataset();
    const root = write(dataset, '../others.json', makePages(['X/1', 'X/2']).map(toKumiko));
    const { report } = await dataset.index({ panels: panelsOf({ root }) });
    assert.equal(report.manyPageFiles.unread.length, 1);
    assert.match(report.manyPageFiles.unread[0]?.problem ?? '', /none of its images .* it names "X\/2\.jpg"/);
  });

  it('has other pages, if a box of one is none', async () => {
    using dataset = makeDataset();
    const made = makePages(IDS);
    const [first, ...others] = made.map(toKumiko);
    const root = write(dataset, '../kumiko.json', [{ ...first, panels: [[1, 2, 3]] }, ...others]);
    assert.deepEqual((await dataset.index({ panels: panelsOf({ root }) })).kept, IDS);
  });

  it('tells which key of it is there twice', async () => {
    using dataset = makeDataset();
    const [page] = makePages(IDS.slice(0, 1)).map(toKumiko);
    const json = JSON.stringify([page]).replace('"panels":', '"panels":[[0,0,9,9]],"panels":');
    const root = write(dataset, '../twice.json', json);
    const { report, pages } = await dataset.index({ panels: panelsOf({ root }) });
    assert.deepEqual(pages[0]?.panelsRecord?.json, page);
    assert.deepEqual(report.manyPageFiles.unread, [
      { file: root, problem: 'the key "panels" is there twice, and its last value counts' },
    ]);
  });

  it('fails the index by its name if it changes meanwhile', async () => {
    using dataset = makeDataset();
    const [a, b] = makePages(['page_001', 'page_001']) as [MadePage, MadePage];
    write(dataset, 'A.json', [toKumiko(a)]);
    write(dataset, 'B.json', [toKumiko(b)]);
    const onPage = () => void write(dataset, 'B.json', [toKumiko({ ...b, name: 'page_002' })]);
    await assert.rejects(dataset.index({ panels: panelsOf({ root: dataset.panels }) }, { onPage }), {
      code: 'dataset_invalid',
      message: /B\.json: the file has changed while the dataset was indexed/,
    });
  });

  it('fails the index by its name if it cannot be read', async () => {
    using dataset = makeDataset();
    const index = (root: string) => dataset.index({ panels: panelsOf({ root }) });
    await assert.rejects(index(write(dataset, '../bad.json', '{"images": [NaN]}')), {
      code: 'dataset_invalid',
      message: /bad\.json: line 1: NaN is not JSON/,
    });
    await assert.rejects(
      index(write(dataset, '../other.json', { panels: [] })),
      /other\.json: this is no file for many pages \(coco, kumiko, mokuro\): it holds the fields "panels"/,
    );
  });

  it('holds the texts of panels that are in files of their own', async () => {
    using dataset = makeDataset();
    const made = makePages(IDS.slice(0, 2));
    const root = write(dataset, '../panels.json', made.map(toKumiko));
    const texts = write(dataset, '../texts/A.mokuro', {
      pages: made.map((page) => toMokuroPage({ ...page, name: page.name.slice(2) })),
    });
    const panels = panelsOf({ root, texts: { format: 'mokuro', root: path.dirname(texts) } });
    const { pages } = await dataset.index({ panels });
    assert.deepEqual(
      pages.map(({ textsPath, textsRecord }) => [textsPath, textsRecord?.name]),
      [
        [null, 'page_001.jpg'],
        [null, 'page_002.jpg'],
      ],
    );
    for (const [i, page] of made.entries()) {
      const [entry, ocr] = [pages[i], readPagePanels(toOcr(page), panelsOf({ format: 'ocr' }), page, 16)];
      const read = readPagePanels(entry?.panelsRecord?.json, panels, page, 16, entry?.textsRecord?.json);
      assert.deepEqual(
        read.panels.map(({ text, crop, composition }) => ({ text, crop, composition })),
        ocr.panels.map(({ text, crop, composition }) => ({ text, crop, composition })),
      );
    }
  });
});
