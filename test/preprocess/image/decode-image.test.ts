import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { decodeImage, decodeSquare } from '../../../src/preprocess/image/decode-image.ts';
import type { Raster } from '../../../src/preprocess/image/resize-crop.ts';
import { resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { makePng } from '../../support/make-png.ts';

const LIMITS = { maxImageBytes: 2 ** 22, maxImagePixels: 1_000_000 };

/** Left half one colour, right half another: shows turns, channels and ranges. */
function halves(left: string, right: string): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="${left}"/><rect x="20" width="20" height="20" fill="${right}"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

function pixel({ data, width }: Raster, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.ok(
    actual.every((value, i) => Math.abs(value - expected[i]!) <= tolerance),
    `${actual} is not ${expected}`,
  );
}

describe('decoding', () => {
  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    it(`reads ${format}`, async () => {
      const raster = await decodeImage(
        await halves('#ff0000', '#0000ff').toFormat(format, { quality: 95 }).toBuffer(),
        LIMITS,
      );
      assert.deepEqual([raster.width, raster.height, raster.data.length], [40, 20, 40 * 20 * 3]);
      assertNear(pixel(raster, 5, 10), [255, 0, 0], 8);
      assertNear(pixel(raster, 35, 10), [0, 0, 255], 8);
    });
  }

  it('rotates images by their EXIF orientation', async () => {
    const turned = await halves('#ffffff', '#000000').jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const raster = await decodeImage(turned, LIMITS);
    assert.deepEqual([raster.width, raster.height], [20, 40]);
    assertNear(pixel(raster, 10, 5), [255, 255, 255], 8);
    assertNear(pixel(raster, 10, 35), [0, 0, 0], 8);
  });

  it('converts grey, grey with alpha, palette and 16-bit images to 8-bit RGB', async () => {
    const grey = halves('#404040', '#c0c0c0');
    const variants = [
      await grey.clone().greyscale().png().toBuffer(),
      await grey.clone().greyscale().ensureAlpha(0.5).png().toBuffer(),
      await grey.clone().png({ palette: true }).toBuffer(),
      await grey.clone().toColourspace('rgb16').png().toBuffer(),
      await grey.clone().greyscale().toColourspace('grey16').png().toBuffer(),
    ];
    for (const [i, bytes] of variants.entries()) {
      const raster = await decodeImage(bytes, LIMITS);
      assert.equal(raster.data.length, 40 * 20 * 3, `variant ${i}`);
      assertNear(pixel(raster, 5, 10), [64, 64, 64], 2);
      assertNear(pixel(raster, 35, 10), [192, 192, 192], 2);
    }
  });

  it('converts CMYK to RGB', async () => {
    const cmyk = await halves('#ff0000', '#ffffff').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    assert.equal((await sharp(cmyk).metadata()).space, 'cmyk');
    const raster = await decodeImage(cmyk, LIMITS);
    const [red, green, blue] = pixel(raster, 5, 10);
    assert.ok(red! > 180 && green! < 90 && blue! < 90, `${[red, green, blue]} is no red`);
    assertNear(pixel(raster, 35, 10), [255, 255, 255], 6);
  });

  it('drops alpha and keeps the colour under it, as the original does', async () => {
    const clear = sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0 } },
    });
    assertNear(pixel(await decodeImage(await clear.png().toBuffer(), LIMITS), 1, 1), [200, 100, 50], 0);
  });
});

describe('a whole image resized to a square', () => {
  const noise = (width: number, height: number, channels: 3 | 4 = 3) =>
    sharp({
      create: { width, height, channels, background: '#8888', noise: { type: 'gaussian', mean: 128, sigma: 50 } },
    });

  for (const [what, make] of Object.entries({
    'that shrinks': () => noise(300, 200).jpeg().toBuffer(),
    'that shrinks much': () => noise(900, 700).jpeg().toBuffer(),
    'in grey that shrinks much': () => noise(900, 700).greyscale().jpeg().toBuffer(),
    'in CMYK that shrinks much': () => noise(900, 700).toColourspace('cmyk').jpeg().toBuffer(),
    'of 16 bits with a profile': () => noise(300, 200).toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
    'that is turned': () => noise(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    'that grows': () => noise(20, 30).png().toBuffer(),
    'that grows on one side': () => noise(20, 300).png().toBuffer(),
    'with alpha': () => noise(300, 200).ensureAlpha(0.3).png().toBuffer(),
    'in grey': () => noise(300, 200).greyscale().png().toBuffer(),
    'in CMYK': () => noise(300, 200).toColourspace('cmyk').jpeg().toBuffer(),
    'of 16 bits': () => noise(300, 200).toColourspace('rgb16').png().toBuffer(),
  })) {
    it(`${what} is the same, to the bit, as decoded and resized apart`, async () => {
      const bytes = await make();
      const raster = await decodeImage(bytes, LIMITS);
      const fullCrop = { left: 0, top: 0, right: raster.width, bottom: raster.height };
      assert.deepEqual(
        Buffer.from(await decodeSquare(bytes, 64, LIMITS)),
        Buffer.from(await resizeCrop(raster, fullCrop, 64)),
      );
    });
  }
});

describe('refusing', () => {
  it('a 256-megapixel bomb, by its header', async () => {
    const rows = Buffer.alloc(2048);
    const bomb = makePng({ width: 16_384, height: 16_384, bitDepth: 1, colourType: 0, rows });
    assert.ok(bomb.length < 500);
    await assert.rejects(decodeImage(bomb, LIMITS), { code: 'image_too_large', message: /16384 x 16384 pixels/ });
  });

  it('one pixel more than the limit, and not the limit itself', async () => {
    const picture = await halves('#ffffff', '#000000').png().toBuffer();
    await decodeImage(picture, { ...LIMITS, maxImagePixels: 800 });
    await assert.rejects(decodeImage(picture, { ...LIMITS, maxImagePixels: 799 }), { code: 'image_too_large' });
  });

  it('one byte more than the limit', async () => {
    const picture = await halves('#ffffff', '#000000').png().toBuffer();
    await decodeImage(picture, { ...LIMITS, maxImageBytes: picture.length });
    await assert.rejects(decodeImage(picture, { ...LIMITS, maxImageBytes: picture.length - 1 }), {
      code: 'image_too_large',
    });
  });

  const formats: readonly [string, () => Promise<Buffer> | Buffer][] = [
    ['GIF', () => halves('#ffffff', '#000000').gif().toBuffer()],
    ['TIFF', () => halves('#ffffff', '#000000').tiff().toBuffer()],
    ['HEIF', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['SVG', () => Buffer.from('\ufeff <?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['BMP', () => Buffer.from('BM rest of it')],
    ['no image', () => Buffer.from('just some words')],
  ];
  for (const [name, bytes] of formats) {
    it(`${name}, by its first bytes`, async () => {
      const message = new RegExp(name === 'no image' ? 'no image' : name);
      await assert.rejects(decodeImage(await bytes(), LIMITS), { code: 'unsupported_media_type', message });
    });
  }

  it('an empty file', async () => {
    await assert.rejects(decodeImage(new Uint8Array(), LIMITS), { code: 'image_unreadable' });
  });

  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`${format} files cut at any place`, async () => {
      const noisy = await sharp({
        create: {
          width: 64,
          height: 64,
          channels: 3,
          background: '#888',
          noise: { type: 'gaussian', mean: 128, sigma: 40 },
        },
      })
        .toFormat(format)
        .toBuffer();
      for (const share of [0.02, 0.1, 0.3, 0.6, 0.9]) {
        const cut = noisy.subarray(0, Math.max(16, Math.floor(noisy.length * share)));
        await assert.rejects(decodeImage(cut, LIMITS), { code: 'image_unreadable' }, `${share} of ${format}`);
      }
    });
  }
});
