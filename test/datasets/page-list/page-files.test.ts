import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { completeDataset, type Dataset, datasetSchema } from '../../../src/datasets/dataset-spec.ts';
import { makeZip, type ZipFile } from '../../support/make-zip.ts';
import { indexDataset } from '../small-dataset.ts';

type Content = string | Uint8Array;

/** A folder of files by their paths. */
class Folder implements Disposable {
  readonly path = mkdtempSync(path.join(tmpdir(), 'panelvec-pages-'));

  constructor(files: Readonly<Record<string, Content>> | readonly string[]) {
    const entries = Array.isArray(files) ? files.map((name): [string, Content] => [name, '']) : Object.entries(files);
    for (const [name, content] of entries) {
      const file = path.join(this.path, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content as Content);
    }
  }

  async index(pages = this.path, fields: Partial<Dataset> = {}, dataRoots?: readonly string[]) {
    const dataset = { ...completeDataset(datasetSchema.parse({ pages })), ...fields };
    const result = await indexDataset(dataset, { dataRoots });
    const counts = Object.values(result.report.skipped).reduce((sum, count) => sum + count, result.report.kept);
    assert.equal(counts, result.report.labels);
    return result;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const zipOf = (...names: (string | ZipFile)[]) =>
  makeZip(names.map((name) => (typeof name === 'string' ? { name, content: `of ${name}` } : name)));

const comicInfo = (...pages: string[]) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<ComicInfo><Pages>${pages.join('')}</Pages></ComicInfo>`;

describe('a folder of pages', () => {
  it('has its images in natural order', async () => {
    const names = [
      'book 10/p1.jpg',
      'book 2/p10.JPG',
      'book 2/p2.png',
      'book 2/p2 b.webp',
      'cover.avif',
      'book 2/p01.jpeg',
    ];
    using folder = new Folder(names);
    const { kept, pages, report } = await folder.index();
    assert.deepEqual(kept, ['book 2/p01', 'book 2/p2', 'book 2/p2 b', 'book 2/p10', 'book 10/p1', 'cover']);
    assert.deepEqual(pages[1], {
      canonicalId: 'book 2/p2',
      pageType: 'unlabelled',
      imagePath: path.join(folder.path, 'book 2/p2.png'),
      panelsPath: null,
    });
    assert.deepEqual(report.files, { images: 6, archives: 0, ignored: {}, notes: {}, noteExamples: [] });
  });

  it('has folders and archives, mixed and nested', async () => {
    using folder = new Folder({
      'A/vol 2.cbz': zipOf('p10.jpg', 'p9.jpg', 'extra/p1.jpg'),
      'A/vol 10.zip': zipOf('p1.jpg'),
      'A/vol 3/p1.jpg': '',
      'b.CBZ': zipOf('./x//p1.jpg'),
    });
    const { kept, pages, report } = await folder.index();
    assert.deepEqual(kept, ['A/vol 2/extra/p1', 'A/vol 2/p9', 'A/vol 2/p10', 'A/vol 3/p1', 'A/vol 10/p1', 'b/x/p1']);
    assert.equal(pages[2]?.imagePath, path.join(folder.path, 'A/vol 2.cbz'));
    assert.equal(pages[2]?.imageMember?.name, 'p10.jpg');
    assert.equal(report.files?.archives, 3);
  });

  it('may be one archive', async () => {
    using folder = new Folder({ 'The book.cbz': zipOf('2.jpg', '1.jpg') });
    assert.deepEqual((await folder.index(path.join(folder.path, 'The book.cbz'))).kept, ['The book/1', 'The book/2']);
  });

  it('has archives by their content, and names of what they are not', async () => {
    using folder = new Folder({
      'a.cbr': zipOf('1.jpg'),
      'b.cbr': 'Rar!\x1a\x07\0',
      'c.pdf': '%PDF-1.7',
      'd.cb7': 'x',
      'e.cbz': '%PDF-1.7',
      'f.cbz': zipOf('1.txt'),
      'g.cbz': zipOf({ name: '1.jpg', content: '', flags: 1 }, 'inner.zip'),
      'h.rar': '',
      'i.cbz': 'version https://git-lfs.github.com/spec/v1\n',
    });
    const { kept, skipped, report } = await folder.index();
    assert.deepEqual(kept, ['a/1']);
    assert.deepEqual(report.files?.notes, { zip_of_another_name: 1 });
    assert.deepEqual(
      skipped.map(({ id, reason, detail }) => `${id} ${reason} ${detail}`),
      [
        'b unsupported_archive b.cbr: RAR is not read: repack it as CBZ, which is a ZIP archive',
        'c unsupported_archive c.pdf: PDF is not read: repack it as CBZ, which is a ZIP archive',
        'd bad_archive d.cb7: it is no ZIP archive: repack it as CBZ',
        'e unsupported_archive e.cbz: PDF is not read: repack it as CBZ, which is a ZIP archive',
        'f no_pages f.cbz has no images',
        'g/1 bad_archive g.cbz/1.jpg: it is encrypted',
        'g/inner unsupported_archive g.cbz/inner.zip: an archive in an archive is not read: unpack the outer one',
        'h unsupported_archive h.rar: RAR is not read: repack it as CBZ, which is a ZIP archive',
        'i bad_archive i.cbz: it is a Git LFS pointer, not the file itself: run `git lfs pull` in its repository',
      ],
    );
  });

  it('leaves out hidden files, those of systems, and all that is no image, and counts them', async () => {
    const names = [
      'p1.jpg',
      '._p1.jpg',
      '.git/p.jpg',
      '__MACOSX/p1.jpg',
      'Thumbs.db',
      '@eaDir/p1.jpg',
      'a.txt',
      'b.TXT',
      'LICENSE',
    ];
    using folder = new Folder(
      Object.fromEntries([...names.map((name) => [name, '']), ['b.cbz', zipOf('1.jpg', '__MACOSX/._1.jpg', 'n.nfo')]]),
    );
    const { kept, report } = await folder.index();
    assert.deepEqual(kept, ['b/1', 'p1']);
    assert.deepEqual(report.files?.ignored, { hidden: 6, '.txt': 2, '.nfo': 1, 'no extension': 1 });
  });

  it('reports pages of archives whose paths lead out of them', async () => {
    using folder = new Folder({ 'b.cbz': zipOf('1.jpg', '../../evil.jpg', 'x\\..\\..\\y.jpg', '/abs.jpg', '..2.jpg') });
    const { kept, skipped, report } = await folder.index();
    assert.deepEqual(kept, ['b/1']);
    assert.deepEqual(
      skipped.map(({ reason, detail }) => `${reason}: ${detail}`),
      ['../../evil.jpg', 'abs.jpg', 'x/../../y.jpg'].map(
        (name) => `bad_archive: b.cbz/${name}: its path leads out of the archive`,
      ),
    );
    assert.deepEqual(report.files?.ignored, { hidden: 1 });
  });

  it('names images of formats that are not read', async () => {
    using folder = new Folder(['p1.gif', 'p2.tif', 'p3.bmp', 'p3.jpg', 'p3.psd']);
    const { kept, reasons, skipped } = await folder.index();
    assert.deepEqual(kept, ['p3']);
    assert.deepEqual(reasons, ['p1: unsupported_format', 'p2: unsupported_format', 'p3: unsupported_format']);
    assert.match(skipped[1]?.detail ?? '', /dataset\.images\.formats has "tiff"/);
    const images = { formats: ['gif', 'tiff'], tolerant: false } as const;
    assert.deepEqual((await folder.index(folder.path, { images: { ...images, formats: [...images.formats] } })).kept, [
      'p1',
      'p2',
      'p3',
    ]);
  });

  it('takes none of two files that give one id', async () => {
    using folder = new Folder({
      'A/p1.jpg': '',
      'A/p1.png': '',
      'A/p2.jpg': '',
      'B/p1.jpg': '',
      'B.cbz': zipOf('p1.jpg', 'p2.jpg'),
      'C/Page.jpg': '',
      'C/page.jpg': '',
      'D/\u00e9.jpg': '',
      'D/e\u0301.jpg': '',
    });
    const { kept, skipped, report } = await folder.index();
    assert.deepEqual(kept, ['A/p2', 'B/p2']);
    assert.deepEqual(
      skipped.map(({ id, reason, detail }) => [id, reason, detail]),
      [
        ['A/p1', 'conflict', 'one id for A/p1.jpg and A/p1.png'],
        ['B/p1', 'conflict', 'one id for B/p1.jpg and B.cbz/p1.jpg'],
        ['C/page', 'conflict', 'one id for C/page.jpg and C/Page.jpg'],
        ['C/Page', 'conflict', 'one id for C/page.jpg and C/Page.jpg'],
        ['D/\u00e9', 'conflict', 'one id for D/e\u0301.jpg and D/\u00e9.jpg'],
      ],
    );
    assert.equal(report.manifest.conflicts, 5);
  });

  it('takes no image that an archive has twice', async () => {
    using folder = new Folder({ 'a.cbz': zipOf('1.jpg', '2.jpg', '1.jpg') });
    const { kept, skipped } = await folder.index();
    assert.deepEqual(kept, ['a/2']);
    assert.deepEqual(skipped, [{ id: 'a/1', reason: 'conflict', detail: 'a.cbz/1.jpg is in its archive twice' }]);
  });

  it('follows links to files, but not to folders or outside of the data roots', async () => {
    using outside = new Folder({
      'x.cbz': zipOf('1.jpg'),
      'ComicInfo.xml': comicInfo('<Page Image="0" Type="FrontCover"/>'),
    });
    using folder = new Folder({ 'p1.jpg': '', 'a.cbz': zipOf('1.jpg') });
    symlinkSync('p1.jpg', path.join(folder.path, 'p2.jpg'));
    symlinkSync('a.cbz', path.join(folder.path, 'b.cbz'));
    symlinkSync(path.join(outside.path, 'x.cbz'), path.join(folder.path, 'x.cbz'));
    symlinkSync(path.join(outside.path, 'ComicInfo.xml'), path.join(folder.path, 'ComicInfo.xml'));
    symlinkSync('.', path.join(folder.path, 'loop'));
    const { kept, reasons, report } = await folder.index(folder.path, {}, [folder.path]);
    assert.deepEqual(kept, ['a/1', 'b/1', 'p1', 'p2']);
    assert.deepEqual(reasons, ['x: outside_data_roots']);
    assert.equal(report.files?.ignored['links'], 1);
    assert.equal(report.files?.notes.comic_info_unreadable, 1);
  });

  it('refuses names that are not UTF-8', async () => {
    using folder = new Folder(['p1.jpg']);
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/caf`), Buffer.from([0xe9]), Buffer.from('.jpg')]), '');
    assert.deepEqual((await folder.index()).reasons, ['caf\ufffd: unsupported_path']);
  });

  it('has labels like a manifest', async () => {
    using folder = new Folder({
      'pages/A/p1.jpg': '',
      'pages/A/p2.jpg': '',
      'pages/B.cbz': zipOf('p1.jpg'),
      'pages/bad.cbz': 'no',
    });
    const labels = path.join(folder.path, 'labels.json');
    writeFileSync(
      labels,
      JSON.stringify({ 'B/p1': 'story', 'amazon/A/p2': 'story', 'A/p1': 'cover', 'C/p1': 'story' }),
    );
    const { kept, reasons } = await folder.index(path.join(folder.path, 'pages'), { pss_labels: labels });
    assert.deepEqual(kept, ['B/p1', 'A/p2']);
    assert.deepEqual(reasons, ['A/p1: page_type', 'C/p1: no_image', 'bad: bad_archive']);
  });

  it('is named if it cannot be read', async () => {
    using folder = new Folder({
      'a.cbr': 'Rar!\x1a\x07\0',
      'a.jpg': '',
      'bad.cbz': 'no archive',
      'rar.cbz': 'Rar!\x1a\x07\0',
    });
    const refuse = (name: string, message: RegExp) =>
      assert.rejects(folder.index(path.join(folder.path, name)), { code: 'dataset_invalid', message });
    await refuse('absent', /absent: there is no such file or folder/);
    await refuse('a.cbr', /a\.cbr: RAR is not read: repack it as CBZ/);
    await refuse('a.jpg', /a\.jpg: expected a folder or a CBZ file/);
    await refuse('bad.cbz', /bad\.cbz: it is no ZIP archive/);
    await refuse('rar.cbz', /rar\.cbz: RAR is not read: repack it as CBZ/);
  });
});

describe('ComicInfo.xml', () => {
  const INFO = comicInfo(
    '<Page Image="0" Type="FrontCover"/>',
    '<Page Image="1"/>',
    '<Page Image="2" Type="Advertisement"/>',
    '<Page Image="3" Type="Deleted"/>',
    '<Page Image="4" Type="BackCover Story"/>',
    '<Page Image="5" Type="Story"/>',
  );
  const names = ['p10.jpg', 'p2.jpg', 'p1.jpg', 'p4.jpg', 'p5.jpg', 'p3.jpg', 'p11.jpg'];

  it('gives the pages of an archive or a folder their types', async () => {
    using folder = new Folder({
      'a.cbz': zipOf(...names, { name: 'ComicInfo.xml', content: INFO }),
      'b.cbz': zipOf(...names.map((name) => `b/${name}`), { name: 'b/comicinfo.xml', content: INFO }),
      ...Object.fromEntries(names.map((name) => [`c/${name}`, ''])),
      'c/ComicInfo.xml': INFO,
    });
    const narrative = await folder.index();
    const expected = ['p2', 'p10', 'p11'];
    assert.deepEqual(
      narrative.kept,
      ['a', 'b/b', 'c'].flatMap((book) => expected.map((page) => `${book}/${page}`)),
    );
    assert.deepEqual(
      narrative.pages.slice(0, 3).map(({ pageType }) => pageType),
      ['story', 'story', 'unlabelled'],
    );
    assert.deepEqual(narrative.skipped.slice(0, 4), [
      { id: 'a/p1', reason: 'page_type', detail: 'cover' },
      { id: 'a/p3', reason: 'page_type', detail: 'advertisement' },
      { id: 'a/p4', reason: 'page_type', detail: 'deleted' },
      { id: 'a/p5', reason: 'page_type', detail: 'back_cover, story' },
    ]);
    const all = await folder.index(folder.path, { only_narrative: false });
    assert.equal(all.kept.length, 18);
  });

  it('of a part of a book says more than that of the book', async () => {
    const part = comicInfo('<Page Image="0" Type="Letters"/>');
    using folder = new Folder({
      'a.cbz': zipOf(
        '1/p1.jpg',
        '2/p1.jpg',
        { name: 'ComicInfo.xml', content: comicInfo('<Page Image="0"/>', '<Page Image="1"/>') },
        { name: '2/ComicInfo.xml', content: part },
      ),
    });
    assert.deepEqual((await folder.index()).skipped, [{ id: 'a/2/p1', reason: 'page_type', detail: 'text' }]);
  });

  const broken: [name: string, text: string | Uint8Array, note: string][] = [
    ['that is not XML', '<ComicInfo><Pages>', 'comic_info_unreadable'],
    [
      'with an entity of its own',
      '<!DOCTYPE x [<!ENTITY a "aaa">]><ComicInfo><Title>&a;</Title></ComicInfo>',
      'comic_info_unreadable',
    ],
    [
      'that is not UTF-8',
      Buffer.from('<ComicInfo><Title>caf\xe9</Title></ComicInfo>', 'latin1'),
      'comic_info_unreadable',
    ],
    ['with a page that has no number', comicInfo('<Page Image="a" Type="FrontCover"/>'), 'comic_info_unreadable'],
    [
      'of a longer book',
      comicInfo('<Page Image="0" Type="FrontCover"/>', '<Page Image="2"/>'),
      'comic_info_of_other_pages',
    ],
  ];
  for (const [name, content, note] of broken) {
    it(`${name} is noted, and gives no types`, async () => {
      using folder = new Folder({ 'a.cbz': zipOf('1.jpg', '2.jpg', { name: 'ComicInfo.xml', content }) });
      const { kept, report } = await folder.index();
      assert.deepEqual(kept, ['a/1', 'a/2']);
      assert.deepEqual(report.files?.notes, { [note]: 1 });
      assert.equal(report.files?.noteExamples[0]?.file, 'a.cbz/ComicInfo.xml');
    });
  }

  it('may say that the book is read from right to left', async () => {
    using folder = new Folder({
      'a.cbz': zipOf('1.jpg', {
        name: 'ComicInfo.xml',
        content: '<ComicInfo><Manga>YesAndRightToLeft</Manga></ComicInfo>',
      }),
    });
    assert.deepEqual((await folder.index()).report.files?.notes, { right_to_left: 1 });
  });
});
