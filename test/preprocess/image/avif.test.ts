import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { assertPlainAvif } from '../../../src/preprocess/image/avif-structure.ts';
import { decodeImage, decodeSquare } from '../../../src/preprocess/image/decode-image.ts';
import { resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { drawPanel } from '../../support/images.ts';
import { makeAvif, readAv1Image } from '../../support/make-avif.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';

const LIMITS = { maxImageBytes: 2 ** 22, maxImagePixels: 1_000_000 };
const plain = await drawPanel(1).avif({ quality: 90 }).toBuffer();
const expected = await drawPanel(1).raw().toBuffer();

function meanDifference(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? Number.NaN)), 0) / a.length;
}

describe('AVIF', () => {
  for (const [what, make] of Object.entries({
    'of 8 bits': () => Promise.resolve(plain),
    'of 10 bits': () => drawPanel(1).avif({ quality: 90, bitdepth: 10 }).toBuffer(),
    'with alpha': () => drawPanel(1).ensureAlpha(0.3).avif({ quality: 90 }).toBuffer(),
    'without loss': () => drawPanel(1).avif({ lossless: true }).toBuffer(),
    'of another order of brands': async () => withBrands(plain, 'mif1', 'avif'),
    'with the brand of a sequence': async () => withBrands(plain, 'avis', 'avif'),
  })) {
    it(`${what} is decoded, and resized to the same bits in one pass`, async () => {
      const bytes = await make();
      const raster = await decodeImage(bytes, LIMITS);
      assert.deepEqual([raster.width, raster.height], [120, 90]);
      assert.ok(meanDifference(raster.data, expected) < 4);
      const whole = { left: 0, top: 0, right: 120, bottom: 90 };
      assert.ok(
        Buffer.from(await decodeSquare(bytes, 64, LIMITS)).equals(Buffer.from(await resizeCrop(raster, whole, 64))),
      );
    });
  }

  it('has the colours of its profile in 8 and 10 bits', async () => {
    const reference = await decodeImage(await drawPanel(1).withIccProfile('p3').png().toBuffer(), LIMITS);
    for (const bitdepth of [8, 10] as const) {
      const bytes = await drawPanel(1).withIccProfile('p3').avif({ quality: 95, bitdepth }).toBuffer();
      assert.ok(meanDifference((await decodeImage(bytes, LIMITS)).data, reference.data) < 4, `${bitdepth} bits`);
    }
  });
});

describe('refusing AVIF', () => {
  const large = { width: 1024, height: 1024, channels: 3, background: '#4080c0' } as const;

  it('cut at any place', async () => {
    for (const share of [0.02, 0.1, 0.3, 0.6, 0.9, 0.99]) {
      const cut = plain.subarray(0, Math.max(32, Math.floor(plain.length * share)));
      await assert.rejects(decodeImage(cut, LIMITS), { code: 'image_unreadable' }, `${share}`);
    }
  });

  it('over the limit of pixels, by its header', async () => {
    const bytes = await sharp({ create: large }).avif({ effort: 0 }).toBuffer();
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'image_too_large', message: /1024 x 1024 pixels/ });
  });

  it('whose pixels are more than its header says', async () => {
    const image = readAv1Image(await sharp({ create: large }).avif({ effort: 0 }).toBuffer());
    const bytes = makeAvif({ width: 64, height: 64, image });
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'image_unreadable' });
  });

  it('with a side of over 65,535 pixels', async () => {
    const image = readAv1Image(plain);
    const bytes = makeAvif({ width: 3_000_000_000, height: 1, image });
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'image_too_large', message: /side of over 65535/ });
  });

  it('of many frames, which take time for each', async () => {
    const image = readAv1Image(plain);
    assert.equal((await decodeImage(makeAvif({ width: 120, height: 90, image, frames: 2 }), LIMITS)).width, 120);
    const bytes = makeAvif({ width: 120, height: 90, image, frames: 50 });
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'unsupported_media_type', message: /50 frames/ });
  });

  it('put together from others, which may be large', async () => {
    const image = readAv1Image(plain);
    const grid = { rows: 8, columns: 8, width: 240, height: 180 };
    const bytes = makeAvif({ width: 120, height: 90, image, grid });
    const decoded = await sharp(bytes).metadata();
    assert.equal(decoded.width, 240, 'the decoder takes the file');
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'unsupported_media_type', message: /"grid"/ });
  });

  it('with the still picture of HEVC', async () => {
    const bytes = Buffer.from(plain);
    bytes.write('hvc1', bytes.indexOf('av01'), 'latin1');
    await assert.rejects(decodeImage(bytes, LIMITS), { code: 'unsupported_media_type', message: /"hvc1"/ });
  });

  it('damaged at random, with an error of the picture', async (t) => {
    const random = mulberry32(testSeed(t));
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(plain);
      const range = random() < 0.5 ? Math.min(500, bytes.length) : bytes.length;
      for (let changes = 1 + Math.floor(random() * 6); changes > 0; changes--) {
        bytes[12 + Math.floor(random() * (range - 12))] = Math.floor(random() * 256);
      }
      const outcome = await decodeImage(bytes, LIMITS).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) continue;
      assert.match(Object(outcome).code, /^(image_unreadable|unsupported_media_type|image_too_large)$/);
    }
  });

  it('with boxes that contradict each other', () => {
    const offset = plain.indexOf('iinf');
    const withTwoMetas = Buffer.concat([plain, Buffer.from('\0\0\0\x0cmeta\0\0\0\0', 'latin1')]);
    assert.throws(() => assertPlainAvif(withTwoMetas), { code: 'image_unreadable', message: /one box "meta"/ });
    const withManyBoxes = Buffer.concat([plain, Buffer.alloc(8 * 1000, Buffer.from('\0\0\0\x08free', 'latin1'))]);
    assert.throws(() => assertPlainAvif(withManyBoxes), { code: 'image_unreadable', message: /over 1000 boxes/ });
    const withManyExtents = Buffer.from(plain);
    // Behind the sizes, the one item, its id, its reference and its base
    const extentCount = plain.indexOf('iloc') + 20;
    assert.equal(plain.readUInt16BE(extentCount), 1);
    withManyExtents.writeUInt16BE(65_535, extentCount);
    assert.throws(() => assertPlainAvif(withManyExtents), {
      code: 'image_unreadable',
      message: /many places/,
    });
    const withWrongSize = Buffer.from(plain);
    withWrongSize.writeUInt32BE(0xffffffff, offset - 4);
    assert.throws(() => assertPlainAvif(withWrongSize), { code: 'image_unreadable', message: /wrong size/ });
  });
});

function withBrands(avif: Buffer, ...brands: readonly string[]): Buffer {
  const copy = Buffer.from(avif);
  copy.write(brands[0] ?? '', 8, 'latin1');
  copy.write(brands[1] ?? '', 16, 'latin1');
  return copy;
}
