import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { decodeFile, decodeImage } from '../../../src/preprocess/image/decode-image.ts';
import { openImage } from '../../../src/preprocess/image/open-image.ts';
import { drawPanel } from '../../support/images.ts';

const LIMITS = { maxImageBytes: 2 ** 22, maxImagePixels: 1_000_000 };
const JPEGS = {
  baseline: await drawPanel(3).jpeg({ quality: 85 }).toBuffer(),
  'full colour': await drawPanel(3).jpeg({ quality: 85, chromaSubsampling: '4:4:4' }).toBuffer(),
  progressive: await drawPanel(3).jpeg({ quality: 85, progressive: true }).toBuffer(),
  grey: await drawPanel(3).greyscale().jpeg().toBuffer(),
  CMYK: await drawPanel(3).toColourspace('cmyk').jpeg().toBuffer(),
  optimised: await drawPanel(3).jpeg({ mozjpeg: true }).toBuffer(),
};
/** Truncated files, and beside them the pixels that PIL 13.0 reads with LOAD_TRUNCATED_IMAGES. */
const FIXTURES = path.join(import.meta.dirname, '../../fixtures/truncated-jpeg');

describe('a JPEG without its end marker', () => {
  for (const [name, jpeg] of Object.entries(JPEGS)) {
    it(`has all its pixels if nothing else is missing: ${name}`, async () => {
      const expected = await decodeImage(jpeg, LIMITS);
      for (const missingBytes of [1, 2]) {
        const raster = await decodeImage(jpeg.subarray(0, -missingBytes), LIMITS);
        assert.ok(raster.data.equals(expected.data), `${missingBytes} bytes`);
      }
    });

    it(`is refused if any pixel is missing: ${name}`, async () => {
      const expected = await decodeImage(jpeg, LIMITS);
      for (let missingBytes = 3; missingBytes < 15; missingBytes++) {
        const file = await openImage(jpeg.subarray(0, -missingBytes), LIMITS, { tolerant: true });
        const isComplete = (await decodeFile(file)).data.equals(expected.data);
        assert.ok(isComplete || file.isTruncated, `${missingBytes} bytes`);
      }
      await assert.rejects(decodeImage(jpeg.subarray(0, -60), LIMITS), {
        code: 'image_unreadable',
        message: /truncated; a dataset with images.tolerant reads it/,
      });
    });
  }

  it('is refused if a scan is missing', async () => {
    const { progressive } = JPEGS;
    const lastScan = progressive.lastIndexOf(Buffer.of(0xff, 0xda));
    const tables = progressive.lastIndexOf(Buffer.of(0xff, 0xc4));
    for (const end of [lastScan, tables]) {
      await assert.rejects(decodeImage(progressive.subarray(0, end), LIMITS), { code: 'image_unreadable' });
    }
  });

  it('may have something else behind the marker', async () => {
    const { baseline } = JPEGS;
    const expected = await decodeImage(baseline, LIMITS);
    for (const tail of [Buffer.alloc(1), Buffer.alloc(5000), Buffer.from('\xff\xda trailer', 'latin1'), baseline]) {
      const raster = await decodeImage(Buffer.concat([baseline, tail]), LIMITS);
      assert.ok(raster.data.equals(expected.data));
    }
  });

  it('may end in zeros that a download has not filled', async () => {
    const { baseline } = JPEGS;
    const half = Math.floor(baseline.length / 2);
    const file = Buffer.concat([baseline.subarray(0, half), Buffer.alloc(half)]);
    await assert.rejects(decodeImage(file, LIMITS), { code: 'image_unreadable' });
  });
});

describe('a truncated JPEG, if it is asked for,', () => {
  for (const name of ['baseline', 'progressive', 'grey']) {
    it(`has the pixels that PIL reads: ${name}`, async () => {
      const bytes = await readFile(path.join(FIXTURES, `${name}.jpg`));
      await assert.rejects(openImage(bytes, LIMITS), { code: 'image_unreadable' });
      const file = await openImage(bytes, LIMITS, { tolerant: true });
      assert.equal(file.isTruncated, true);
      const { data } = await decodeFile(file);
      const expected = await sharp(path.join(FIXTURES, `${name}.png`))
        .raw()
        .toBuffer();
      assert.equal(data.length, expected.length);
      assert.ok(data.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) <= 1));
    });
  }

  it('is told apart from a complete one', async () => {
    for (const jpeg of Object.values(JPEGS)) {
      assert.equal((await openImage(jpeg, LIMITS, { tolerant: true })).isTruncated, false);
    }
  });

  it('needs its header', async () => {
    const header = JPEGS.baseline.subarray(0, 100);
    await assert.rejects(openImage(header, LIMITS, { tolerant: true }), { code: 'image_unreadable' });
  });
});
