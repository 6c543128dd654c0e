import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { completeDataset, datasetSchema } from '../../../src/datasets/dataset-spec.ts';
import { readPage, toPageProblem } from '../../../src/jobs/pages/read-page.ts';
import { decodeFile } from '../../../src/preprocess/image/decode-image.ts';
import { drawPanel } from '../../support/images.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-read-page-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const imageLimits = { maxImageBytes: 2 ** 22, maxImagePixels: 20_000, maxStripPixels: 100_000 };

/** Reads a page of these bytes, with OCR boxes or as one panel. */
async function read(bytes: Uint8Array | string, images: object = {}, boxes?: readonly (readonly number[])[]) {
  const imagePath = path.join(folder, 'page.jpg');
  await writeFile(imagePath, bytes);
  const panels = boxes ? { format: 'ocr', root: folder } : { format: 'whole_page' };
  const dataset = completeDataset(datasetSchema.parse({ pages: folder, panels, images }));
  const json = { panels: boxes?.map((bbox) => ({ bbox, text: '' })) };
  const record = boxes && { panelsRecord: { file: 'panels.json', name: 'page.jpg', json } };
  const entry = { canonicalId: 'A/1', pageType: 'story', imagePath, panelsPath: null, ...record };
  return readPage(entry, dataset, { dataRoots: [folder], imageLimits });
}

async function reasonOf(reading: Promise<unknown>): Promise<string> {
  const problem = toPageProblem(await reading.then(() => undefined).catch((error: unknown) => error));
  return `${problem?.reason}: ${problem?.detail}`;
}

describe('the image of a page', () => {
  it('that is a truncated JPEG is refused, or read and noted', async () => {
    const whole = await drawPanel(1).jpeg().toBuffer();
    const cut = whole.subarray(0, Math.floor(whole.length / 2));
    assert.match(await reasonOf(read(cut)), /^image_unreadable: .*truncated.*images.tolerant/);
    const page = await read(cut, { tolerant: true });
    assert.deepEqual(
      page.notes.map(({ note }) => note),
      ['image_truncated'],
    );
    assert.equal((await decodeFile(page.image)).width, 120);
    const intact = await read(whole, { tolerant: true });
    assert.deepEqual(intact.notes, []);
  });

  it('may be AVIF, and GIF or TIFF if the dataset lists them', async () => {
    assert.equal((await read(await drawPanel(1).avif().toBuffer())).image.width, 120);
    for (const format of ['gif', 'tiff'] as const) {
      const bytes = await drawPanel(1).toFormat(format).toBuffer();
      assert.match(await reasonOf(read(bytes)), /^unsupported_media_type: .*images.formats/);
      assert.equal((await read(bytes, { formats: [format] })).image.width, 120);
    }
  });

  it('that is something else is named', async () => {
    assert.match(
      await reasonOf(read('version https://git-lfs.github.com/spec/v1\n')),
      /^unsupported_media_type: .*LFS/,
    );
    assert.match(await reasonOf(read('<!doctype html><title>404</title>')), /^unsupported_media_type: .*HTML/);
    assert.match(await reasonOf(read('')), /^image_unreadable: the image is empty/);
  });
});

describe('a page over the limit of pixels', () => {
  it('is read if its panels are not', async () => {
    const bytes = await sharp({ create: { width: 100, height: 900, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const page = await read(bytes, {}, [
      [0, 0, 100, 200],
      [0, 100, 100, 700],
      [0, 700, 100, 200],
    ]);
    assert.deepEqual(
      page.panels.map(({ index }) => index),
      [0, 2],
    );
    assert.deepEqual(page.skipped, [{ panel: 1, reason: 'crop_too_large' }]);
    assert.match(await reasonOf(read(await sharp(bytes).resize(400, 900).png().toBuffer())), /^image_too_large/);
  });
});
