import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ImagePaths } from '../../../src/datasets/page-list/image-paths.ts';
import { readManifest } from '../../../src/datasets/page-list/manifest.ts';
import type { PageList } from '../../../src/datasets/page-list/page-list.ts';
import { SmallDataset } from '../small-dataset.ts';

function imagePath(manifest: PageList, row: number): string {
  const image = manifest.imageAt(row);
  return 'path' in image ? image.path : image.reason;
}

async function read(csv: string | Uint8Array, encoding?: string) {
  using files = new SmallDataset({ manifest: csv, labels: {} });
  const manifest = await readManifest(files.manifest, { encoding: encoding ?? null });
  const pages = manifest.ids.map((id, row) => [id, path.relative(files.folder, imagePath(manifest, row))]);
  return { manifest, pages };
}

const PAGES = [
  ['A/p1', 'a/1.png'],
  ['A/p2', 'a/2.png'],
];

describe('a manifest', () => {
  const forms: [name: string, csv: string][] = [
    ['plain', 'canonical_id,absolute_image_path\nA/p1,a/1.png\nA/p2,a/2.png\n'],
    ['with a byte order mark', '\ufeff"canonical_id",absolute_image_path\nA/p1,a/1.png\nA/p2,a/2.png'],
    ['with CRLF', 'canonical_id,absolute_image_path\r\nA/p1,a/1.png\r\nA/p2,a/2.png\r\n'],
    ['with both kinds of line ends', 'canonical_id,absolute_image_path\nA/p1,a/1.png\r\n\r\nA/p2,a/2.png'],
    ['with other columns', 'n, absolute_image_path ,w,"canonical_id"\n1,a/1.png,9,A/p1\n2,a/2.png,9,A/p2\n'],
    ['with quotes', '"canonical_id","absolute_image_path"\n"A/p1","a/1.png"\n"A/p2","a/2.png"\n'],
  ];
  for (const [name, csv] of forms) {
    it(`is read: ${name}`, async () => assert.deepEqual((await read(csv)).pages, PAGES));
  }

  it('may quote commas, quotes and line ends', async () => {
    const { pages } = await read('canonical_id,absolute_image_path\n"A, ""the"" B/p\n1",Ōkami/1.png\n');
    assert.deepEqual(pages, [['A, "the" B/p\n1', 'Ōkami/1.png']]);
  });

  const HEADER = 'canonical_id,absolute_image_path\r\n';

  it('may be UTF-16 with a byte order mark, as spreadsheets save it', async () => {
    const bytes = Buffer.from(`\ufeff${HEADER}Dédé/1,a/é.png\r\n`, 'utf16le');
    assert.deepEqual((await read(bytes)).pages, [['Dédé/1', 'a/é.png']]);
  });

  it('may have another encoding that is named', async () => {
    const bytes = Buffer.from(`${HEADER}D\xe9d\xe9/page_001,pages/D\xe9d\xe9_001.jpg\r\n`, 'latin1');
    assert.deepEqual((await read(bytes, 'windows-1252')).pages, [['Dédé/page_001', 'pages/Dédé_001.jpg']]);
    await assert.rejects(read(bytes), {
      code: 'dataset_invalid',
      message:
        /manifest\.csv: line 2, byte 35: the bytes 0xe964 are not utf-8: .*dataset\.encoding, such as windows-1252/,
    });
    const utf16 = Buffer.from(`${HEADER}é,a.png\n`, 'utf16le');
    assert.deepEqual((await read(utf16, 'utf-16le')).pages, [['é', 'a.png']]);
    await assert.rejects(read(Buffer.concat([Buffer.from(HEADER), Buffer.of(0x81, 0x20)]), 'shift_jis'), {
      message: /line 2, byte 34: the bytes 0x8120 are not shift_jis/,
    });
  });

  it('counts rows that repeat others, contradict them or have no id', async () => {
    const { manifest } = await read(
      'canonical_id,absolute_image_path\nA/p1,a/1.png\nA/p1,./a/1.png\nA/p2,a/2.png\nA/p2,b/2.png\nA/p2,c/2.png\n,x.png\n',
    );
    assert.deepEqual(manifest.counts, { rows: 6, pages: 2, repeated: 1, conflicts: 1, withoutId: 1 });
    const image = manifest.imageAt(1);
    assert.match('detail' in image ? (image.detail ?? '') : '', /a\/2\.png and .*b\/2\.png and .*c\/2\.png$/);
  });

  it('has no pages if it has only a header', async () => {
    assert.deepEqual((await read('canonical_id,absolute_image_path')).pages, []);
  });

  const broken: [name: string, csv: string, problem: RegExp][] = [
    ['empty', '', /manifest\.csv: the file is empty/],
    ['no id column', 'id,absolute_image_path\n', /manifest\.csv, line 1: there is no column canonical_id/],
    [
      'columns with another separator',
      'n;canonical_id;absolute_image_path\n',
      /there is no column canonical_id in "n;can.*": its columns are separated by ";", not ","/,
    ],
    ['no path column', 'canonical_id,path\n', /manifest\.csv, line 1: there is no column absolute_image_path/],
    [
      'other separators',
      'canonical_id;absolute_image_path\n',
      /no column canonical_id in "canonical_id;absolute_image_path"/,
    ],
    [
      'UTF-16 without a mark',
      Buffer.from('canonical_id,x', 'utf16le').toString(),
      /in UTF-16 without a byte order mark/,
    ],
    ['a column twice', 'canonical_id,canonical_id,absolute_image_path\n', /there are 2 columns canonical_id/],
    ['too few fields', 'canonical_id,absolute_image_path\na,b\nc\n', /manifest\.csv, line 3: /],
    ['too many fields', 'canonical_id,absolute_image_path\na,b\na,b,c\n', /manifest\.csv, line 3: /],
    [
      'a quote that is not closed',
      'canonical_id,absolute_image_path\n"a,b\n',
      /manifest\.csv, line 2: Quote Not Closed/,
    ],
    ['a quote in a field', 'canonical_id,absolute_image_path\na"x",b\n', /manifest\.csv, line 2: /],
    [
      'a row without end',
      `canonical_id,absolute_image_path\n"${'a\n'.repeat(1 << 20)}`,
      /manifest\.csv, line \d+: Max Record Size/,
    ],
  ];
  for (const [name, csv, message] of broken) {
    it(`is refused: ${name}`, () => assert.rejects(read(csv), { code: 'dataset_invalid', message }));
  }

  it('is named if it is missing', async () => {
    const refused = { code: 'dataset_invalid', message: '/absent/m.csv: there is no such file or folder' };
    await assert.rejects(readManifest('/absent/m.csv'), refused);
    await assert.rejects(readManifest(import.meta.dirname), { code: 'dataset_invalid', message: /EISDIR/ });
  });
});

describe('image paths', () => {
  it('are returned as they were written', () => {
    const written: [id: string, path: string][] = [
      ['A/p1', '/data/A/p1.jpg'],
      ['A/p2', '/data/A/p2.jpg'],
      ['A/p3', 'A/p3'],
      ['A/p4', ''],
      ['p', 'p/p/p.png'],
      ['A/p5', '/data/a/P5.jpg'],
      ...Array.from({ length: 3000 }, (_, i): [string, string] => [`B/p${i}`, `/${i}/B/p${i}.png`]),
      ['A/p6', '/data/A/p6.jpg'],
    ];
    const paths = new ImagePaths();
    for (const [id, image] of written) paths.push(id, image);
    assert.deepEqual(
      written.map(([id], row) => [id, paths.get(row, id)]),
      written,
    );
  });
});
