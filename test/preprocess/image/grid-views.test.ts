import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { cutCrop } from '../../../src/preprocess/augment/cut-crop.ts';
import type { ChangedCrop } from '../../../src/preprocess/augment/picture-change.ts';
import { UNCHANGED } from '../../../src/preprocess/augment/query-changes.ts';
import { cropImage } from '../../../src/preprocess/image/crop-image.ts';
import { decodePicture } from '../../../src/preprocess/image/decode-image.ts';
import { gridCrops } from '../../../src/preprocess/image/grid-views.ts';
import { openPage } from '../../../src/preprocess/image/open-image.ts';
import { type Raster, resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { drawPanel } from '../../support/images.ts';

const [WIDTH, HEIGHT, SIZE] = [300, 200, 16];
const FIVE = { image_size: SIZE, grid_views: 5 } as const;
const ONE = { image_size: SIZE, grid_views: 1 } as const;
const LIMITS = { maxImageBytes: 2 ** 24, maxImagePixels: WIDTH * HEIGHT, maxStripPixels: WIDTH * HEIGHT };
const raster: Raster = { data: await drawPanel(3, WIDTH, HEIGHT).raw().toBuffer(), width: WIDTH, height: HEIGHT };
const png = await sharp(raster.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  .png()
  .toBuffer();

const CROP = { left: 10, top: 20, right: 111, bottom: 170 };
/** By hand: 60 % of 101 and 150 pixels are 61 and 90. */
const VIEWS = [
  CROP,
  { left: 10, top: 20, right: 71, bottom: 110 },
  { left: 50, top: 20, right: 111, bottom: 110 },
  { left: 10, top: 80, right: 71, bottom: 170 },
  { left: 50, top: 80, right: 111, bottom: 170 },
];
const splitViews = (pixels: Uint8Array) =>
  Array.from({ length: 5 }, (_, i) =>
    Buffer.from(pixels.subarray((i * pixels.length) / 5, ((i + 1) * pixels.length) / 5)),
  );
const cutByHand = async () => Buffer.concat(await Promise.all(VIEWS.map((view) => resizeCrop(raster, view, SIZE))));

describe('grid views', () => {
  it('are the whole and its corners', () => {
    assert.deepEqual(gridCrops(CROP, 5), VIEWS);
    assert.deepEqual(gridCrops(CROP, 1), [CROP]);
    const pixel = { left: 4, top: 5, right: 5, bottom: 6 };
    assert.deepEqual(gridCrops(pixel, 5), Array(5).fill(pixel));
  });

  it('are cut in the resolution of the picture, from a raster, a page and an image', async () => {
    const expected = await cutByHand();
    assert.ok(expected.equals(await cutCrop(raster, CROP, FIVE)));
    const page = await openPage(png, LIMITS);
    const [fromPage] = await cropImage(page, [CROP], FIVE, { isParallel: false, assertWanted: () => {} });
    assert.ok(expected.equals(fromPage!));
    const whole = { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
    assert.deepEqual(await decodePicture(png, FIVE, LIMITS), await cutCrop(raster, whole, FIVE));
    assert.deepEqual(
      Buffer.from(await decodePicture(png, ONE, LIMITS)),
      Buffer.from(await cutCrop(raster, whole, ONE)),
    );
  });

  it('of a changed picture are those of the picture after the change', async () => {
    const masks = [{ left: 0.5, top: 0, right: 1, bottom: 0.5, colour: [1, 2, 3] as const }];
    const crop: ChangedCrop = { ...CROP, change: { ...UNCHANGED, masks, isFlipped: true } };
    const [whole, ...corners] = splitViews(await cutCrop(raster, crop, FIVE));
    assert.deepEqual(whole, Buffer.from(await cutCrop(raster, crop, ONE)));
    const pixelAt = (view: Buffer | undefined, row: number, column: number) => [
      ...(view ?? []).slice((row * SIZE + column) * 3, (row * SIZE + column) * 3 + 3),
    ];
    // The corner at the top right has the mask over most of it, which the flip moves to the left.
    assert.deepEqual(pixelAt(corners[1], 0, 0), [1, 2, 3]);
    assert.notDeepEqual(pixelAt(corners[1], SIZE - 1, SIZE - 1), [1, 2, 3]);
    assert.deepEqual(pixelAt(corners[0], 0, 0), [1, 2, 3]);
    assert.notDeepEqual(pixelAt(corners[0], 0, SIZE - 1), [1, 2, 3]);
    assert.notDeepEqual(pixelAt(corners[3], SIZE - 1, SIZE - 1), [1, 2, 3]);
  });

  it('are one for a crop that says so', async () => {
    assert.deepEqual(await cutCrop(raster, { ...CROP, isOneView: true }, FIVE), await cutCrop(raster, CROP, ONE));
  });
});
