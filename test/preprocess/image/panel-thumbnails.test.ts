import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { openImage } from '../../../src/preprocess/image/open-image.ts';
import { panelThumbnails } from '../../../src/preprocess/image/panel-thumbnails.ts';

const LIMITS = { maxImageBytes: 2 ** 24, maxImagePixels: 2 ** 24 };
const OPTIONS = { isParallel: false, assertWanted: () => {} };
const CROPS = [
  { left: 0, top: 0, right: 400, bottom: 200 },
  { left: 400, top: 200, right: 500, bottom: 1200 },
  { left: 700, top: 0, right: 740, bottom: 20 },
  { left: 0, top: 600, right: 800, bottom: 601 },
];

/** A page of 800 x 1200 that is red on the left of its first panel and blue elsewhere. */
async function makePage(): Promise<Buffer> {
  const red = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#e00000' } })
    .png()
    .toBuffer();
  return sharp({ create: { width: 800, height: 1200, channels: 3, background: '#0000e0' } })
    .composite([{ input: red, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

describe('thumbnails of panels', () => {
  it('are JPEGs of 160 pixels at most, in the aspect of the panel, and never larger than it', async () => {
    const thumbnails = await panelThumbnails(await openImage(await makePage(), LIMITS), CROPS, OPTIONS);
    const sizes = thumbnails.map(({ width, height }) => [width, height]);
    assert.deepEqual(sizes, [
      [160, 80],
      [16, 160],
      [40, 20],
      [160, 1],
    ]);
    for (const { jpeg, width, height } of thumbnails) {
      const metadata = await sharp(jpeg).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], ['jpeg', width, height]);
      assert.ok(jpeg.length < 5000);
    }
  });

  it('show the panel', async () => {
    const [first] = await panelThumbnails(await openImage(await makePage(), LIMITS), CROPS, OPTIONS);
    const pixels = await sharp(first!.jpeg).raw().toBuffer();
    const colour = (x: number) => [...pixels.subarray((40 * 160 + x) * 3, (40 * 160 + x) * 3 + 3)];
    assert.ok(colour(40)[0]! > 200 && colour(40)[2]! < 40, String(colour(40)));
    assert.ok(colour(120)[0]! < 40 && colour(120)[2]! > 200, String(colour(120)));
  });
});
