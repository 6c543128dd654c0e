import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { cropImage } from '../../../src/preprocess/image/crop-image.ts';
import { openImage, openPage } from '../../../src/preprocess/image/open-image.ts';
import type { Crop } from '../../../src/preprocess/image/resize-crop.ts';

const WIDTH = 200;
const HEIGHT = 3000;
const FORMAT = { image_size: 32, grid_views: 1 } as const;
const BYTES = { maxImageBytes: 2 ** 24 };
const WIDE_LIMITS = { ...BYTES, maxImagePixels: WIDTH * HEIGHT, maxStripPixels: WIDTH * HEIGHT };
/** A third of the page is decoded at a time. */
const NARROW_LIMITS = { ...WIDE_LIMITS, maxImagePixels: (WIDTH * HEIGHT) / 3 };
const OPTIONS = { isParallel: false, assertWanted: () => {} };

const noise = sharp({
  create: {
    width: WIDTH,
    height: HEIGHT,
    channels: 3,
    background: '#888',
    noise: { type: 'gaussian', mean: 128, sigma: 60 },
  },
});
const pixels = await noise.raw().toBuffer();
const strip = (): Sharp => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** Crops of the upright page, out of order, overlapping, at all edges, small and large */
function makeCrops(width: number, height: number): (Crop | null)[] {
  const at = (left: number, top: number, right: number, bottom: number) => ({
    left: Math.round(left * width),
    top: Math.round(top * height),
    right: Math.round(right * width),
    bottom: Math.round(bottom * height),
  });
  return [
    at(0, 0.9, 1, 1),
    at(0.1, 0, 0.9, 0.25),
    null,
    at(0.5, 0.2, 1, 0.4),
    at(0, 0.41, 0.51, 0.73),
    at(0.33, 0.5, 0.34, 0.51),
    at(0, 0, 0.02, 0.02),
  ];
}

async function cropWith(bytes: Uint8Array, limits: typeof WIDE_LIMITS): Promise<(Buffer | null)[]> {
  const image = await openPage(bytes, limits);
  const crops = await cropImage(image, makeCrops(image.width, image.height), FORMAT, OPTIONS);
  return crops.map((crop) => crop && Buffer.from(crop));
}

describe('a page over the limit of pixels gives the same bits as one that is decoded at once', () => {
  const formats: Record<string, () => Promise<Buffer>> = {
    JPEG: () => strip().jpeg({ quality: 80 }).toBuffer(),
    'grey JPEG': () => strip().greyscale().jpeg().toBuffer(),
    'CMYK JPEG': () => strip().toColourspace('cmyk').jpeg().toBuffer(),
    'progressive JPEG': () => strip().jpeg({ progressive: true }).toBuffer(),
    PNG: () => strip().png().toBuffer(),
    'PNG with alpha and a profile': () => strip().ensureAlpha(0.5).withIccProfile('p3').png().toBuffer(),
    'PNG of 16 bits': () => strip().toColourspace('rgb16').png().toBuffer(),
    'interlaced PNG': () => strip().png({ progressive: true }).toBuffer(),
  };
  for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
    formats[`JPEG with orientation ${orientation}`] = () => strip().jpeg().withMetadata({ orientation }).toBuffer();
  }
  for (const [name, make] of Object.entries(formats)) {
    it(name, async () => {
      const bytes = await make();
      const limits = {
        ...NARROW_LIMITS,
        maxImagePixels: (WIDTH * HEIGHT) / (/progressive|interlaced/.test(name) ? 2 : 3),
      };
      const [expected, actual] = [await cropWith(bytes, WIDE_LIMITS), await cropWith(bytes, limits)];
      assert.equal(actual.filter((crop) => crop !== null).length, 6);
      for (const [i, crop] of actual.entries()) assert.ok(crop === null || expected[i]?.equals(crop), `crop ${i}`);
    });
  }
});

describe('a page over the limit of pixels', () => {
  it('decodes no more pixels at a time than the limit', async () => {
    const image = await openPage(await strip().jpeg().toBuffer(), NARROW_LIMITS);
    let regions = 0;
    await cropImage(image, makeCrops(image.width, image.height), FORMAT, {
      ...OPTIONS,
      timeStage: (stage, run) => {
        if (stage === 'decode') regions++;
        return run();
      },
    });
    assert.ok(regions >= 3 && regions <= 5, `${regions} regions`);
  });

  it('is refused if it is truncated, even below all crops', async () => {
    const jpeg = await strip().jpeg().toBuffer();
    const png = await strip().png().toBuffer();
    const crop = { left: 0, top: 0, right: 50, bottom: 50 };
    await assert.rejects(openPage(jpeg.subarray(0, -1000), NARROW_LIMITS), { code: 'image_unreadable' });
    const image = await openPage(png.subarray(0, -1000), NARROW_LIMITS);
    await assert.rejects(cropImage(image, [crop], FORMAT, OPTIONS), { code: 'image_unreadable' });
  });

  it('is read if it is truncated and that is asked for', async () => {
    const jpeg = (await strip().jpeg().toBuffer()).subarray(0, -20_000);
    const [wide, narrow] = await Promise.all(
      [WIDE_LIMITS, NARROW_LIMITS].map(async (limits) => {
        const image = await openPage(jpeg, limits, { tolerant: true });
        assert.equal(image.isTruncated, true);
        return cropImage(image, [{ left: 0, top: HEIGHT - 300, right: WIDTH, bottom: HEIGHT }], FORMAT, OPTIONS);
      }),
    );
    assert.deepEqual(narrow, wide);
  });

  it('refuses a crop that is over the limit itself', async () => {
    const image = await openPage(await strip().png().toBuffer(), NARROW_LIMITS);
    const crop = { left: 0, top: 10, right: WIDTH, bottom: 1011 };
    await assert.rejects(cropImage(image, [crop], FORMAT, OPTIONS), {
      code: 'image_too_large',
      message: 'the crop has 200200 pixels, over 200000',
    });
    assert.equal((await cropImage(image, [{ ...crop, bottom: 1010 }], FORMAT, OPTIONS)).length, 1);
  });

  it('refuses crops that would make it decode the page over and over', async () => {
    const image = await openPage(await strip().png().toBuffer(), NARROW_LIMITS);
    const crops = Array.from({ length: 30 }, (_, i) => ({ left: 0, top: i * 60, right: WIDTH, bottom: i * 60 + 990 }));
    await assert.rejects(cropImage(image, crops, FORMAT, OPTIONS), {
      code: 'image_too_large',
      message: /decoded 30 times/,
    });
  });

  it('is refused over its own limit, and where no boxes are given', async () => {
    const png = await strip().png().toBuffer();
    const limits = { ...NARROW_LIMITS, maxStripPixels: WIDTH * HEIGHT - 1 };
    await assert.rejects(openPage(png, limits), {
      code: 'image_too_large',
      message: /200 x 3000 pixels, over 599999$/,
    });
    await assert.rejects(openImage(png, NARROW_LIMITS), { code: 'image_too_large' });
  });

  it('is refused over the limit of an image if its decoder holds it whole, or over twice that', async () => {
    const bytes = await strip().jpeg({ progressive: true }).toBuffer();
    const message = /over 400000; a JPEG or PNG that is not progressive may have more$/;
    await assert.rejects(openPage(bytes, NARROW_LIMITS), { code: 'image_too_large', message });
    const webp = await strip().webp().toBuffer();
    await assert.rejects(openPage(webp, NARROW_LIMITS), {
      code: 'image_too_large',
      message: /over 200000; a JPEG or PNG/,
    });
  });
});

describe('sides', () => {
  it('of 65,535 pixels are read, alone and on a page', async () => {
    for (const [width, height] of [
      [65_535, 3],
      [3, 65_535],
    ] as const) {
      const create = { width, height, channels: 3, background: '#123456' } as const;
      const bytes = await sharp({ create }).png().toBuffer();
      const image = await openPage(bytes, { ...WIDE_LIMITS, maxImagePixels: 65_535 });
      const crop = { left: 0, top: 0, right: Math.min(width, 60_000), bottom: Math.min(height, 60_000) };
      const options = { ...OPTIONS, isParallel: true };
      const [actual] = await cropImage(await openPage(bytes, WIDE_LIMITS), [crop], FORMAT, options);
      assert.deepEqual([...(actual ?? []).slice(0, 3)], [0x12, 0x34, 0x56]);
      assert.equal(image.width, width);
    }
  });

  it('of over a million rows are refused by the header', async () => {
    const create = { width: 1, height: 1_000_001, channels: 3, background: '#123456' } as const;
    const bytes = await sharp({ create }).png().toBuffer();
    const limits = { ...BYTES, maxImagePixels: 1000, maxStripPixels: 2_000_000 };
    await assert.rejects(openPage(bytes, limits), { code: 'image_too_large', message: /height of over 1000000/ });
  });
});
