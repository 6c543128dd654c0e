import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { completeDataset, datasetSchema } from '../../src/datasets/dataset-spec.ts';
import { PageFileError, readPageImage } from '../../src/datasets/page-file.ts';
import { makeZip, type ZipFile } from '../support/make-zip.ts';
import { indexDataset } from './small-dataset.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'panelvec-page-file-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const book = path.join(folder, 'book.cbz');
const limits = { dataRoots: [folder], imageLimits: { maxImageBytes: 100, maxImagePixels: 100, maxStripPixels: 100 } };

/** Makes an index of an archive, changes the archive, and reads the first page. */
async function readAfter(change: () => void, ...files: readonly ZipFile[]): Promise<string> {
  writeFileSync(book, makeZip(files));
  const { pages } = await indexDataset(completeDataset(datasetSchema.parse({ pages: book })));
  const [page] = pages;
  assert.ok(page);
  change();
  return (await readPageImage(page, limits)).toString();
}

const one: ZipFile = { name: '1.jpg', content: 'the first' };

describe('the image of a page in an archive', () => {
  it('is read, also if the archive has grown at its end', async () => {
    assert.equal(await readAfter(() => {}, one), 'the first');
    assert.equal(
      await readAfter(() => writeFileSync(book, makeZip([one, { name: '2.jpg', content: 'x' }])), one),
      'the first',
    );
  });

  const refused: [name: string, change: () => void, file: ZipFile, reason: string][] = [
    ['the archive is gone', () => rmSync(book), one, 'image_missing'],
    ['the archive is no archive any more', () => writeFileSync(book, 'x'), one, 'archive_changed'],
    ['it has changed', () => writeFileSync(book, makeZip([{ ...one, content: 'another' }])), one, 'archive_changed'],
    ['it has moved', () => writeFileSync(book, makeZip([{ name: '0', content: '' }, one])), one, 'archive_changed'],
    ['it is damaged', () => {}, { ...one, declaredCrc32: 1 }, 'bad_archive'],
    [
      'it inflates to more than it says',
      () => {},
      { ...one, content: Buffer.alloc(1000), declaredBytes: 9 },
      'bad_archive',
    ],
    ['it is too large', () => {}, { ...one, content: Buffer.alloc(101) }, 'image_too_large'],
  ];
  for (const [name, change, file, reason] of refused) {
    it(`is refused if ${name}`, () =>
      assert.rejects(readAfter(change, file), (error) => error instanceof PageFileError && error.reason === reason));
  }

  it('is refused outside of the data roots', async () => {
    const page = {
      imagePath: '/etc/book.cbz',
      imageMember: { ...one, name: '1', offset: 0, compressedBytes: 1, bytes: 1, isDeflated: false, crc32: 0 },
    };
    await assert.rejects(readPageImage(page, limits), { reason: 'outside_data_roots' });
  });
});
