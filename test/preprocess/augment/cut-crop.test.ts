import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { cutCrop } from '../../../src/preprocess/augment/cut-crop.ts';
import { type Adjustments, type ChangedCrop, changeKey } from '../../../src/preprocess/augment/picture-change.ts';
import { changeForQuery, UNCHANGED } from '../../../src/preprocess/augment/query-changes.ts';
import { cropImage } from '../../../src/preprocess/image/crop-image.ts';
import { openPage } from '../../../src/preprocess/image/open-image.ts';
import { type Raster, resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { drawPanel } from '../../support/images.ts';

const [WIDTH, HEIGHT, SIZE] = [400, 300, 64];
const FORMAT = { image_size: SIZE, grid_views: 1 } as const;
const CROP = { left: 20, top: 30, right: 380, bottom: 270 };
const raster: Raster = { data: await drawPanel(3, WIDTH, HEIGHT).raw().toBuffer(), width: WIDTH, height: HEIGHT };
const plain = await resizeCrop(raster, CROP, SIZE);

const cut = (change: Partial<Adjustments>) => cutCrop(raster, { ...CROP, change: { ...UNCHANGED, ...change } }, FORMAT);
const pixelAt = (pixels: Uint8Array, row: number, column: number) => [
  ...pixels.subarray((row * SIZE + column) * 3, (row * SIZE + column) * 3 + 3),
];
const meanDifference = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

describe('a changed crop', () => {
  it('has the pixels of the crop if nothing is changed', async () => {
    assert.deepEqual(await cutCrop(raster, CROP, FORMAT), plain);
    assert.deepEqual(Buffer.from(await cut({})), Buffer.from(plain));
  });

  it('is flipped from left to right', async () => {
    const flipped = await cut({ isFlipped: true });
    const expected = await sharp(plain, { raw: { width: SIZE, height: SIZE, channels: 3 } })
      .flop()
      .raw()
      .toBuffer();
    assert.ok(expected.equals(flipped));
  });

  it('is brighter or darker, and clipped', async () => {
    const [darker, brighter] = [await cut({ brightness: 0.7 }), await cut({ brightness: 1.3 })];
    for (const [i, value] of plain.entries()) {
      assert.ok(Math.abs(darker[i]! - 0.7 * value) <= 0.501, `byte ${i}`);
      assert.ok(Math.abs(brighter[i]! - Math.min(255, 1.3 * value)) <= 0.501, `byte ${i}`);
    }
  });

  it('is grey without saturation, whatever the hue is', async () => {
    for (const hue of [0, 0.04]) {
      const grey = await cut({ saturation: 0, hue });
      for (const [i, value] of plain.entries()) {
        if (i % 3 !== 0) continue;
        const luminance = 0.213 * value + 0.715 * plain[i + 1]! + 0.072 * plain[i + 2]!;
        for (const channel of grey.subarray(i, i + 3)) assert.ok(Math.abs(channel - luminance) <= 1);
      }
    }
  });

  it('has the hue of a browser', async () => {
    // Of hue-rotate(120deg) in a browser: red becomes this green.
    const red: Raster = { data: Buffer.from([255, 0, 0]), width: 1, height: 1 };
    const change = { ...UNCHANGED, hue: 1 / 3 };
    const pixels = await cutCrop(red, { left: 0, top: 0, right: 1, bottom: 1, change }, { ...FORMAT, image_size: 2 });
    assert.deepEqual([...pixels.subarray(0, 3)], [0, 113, 0]);
  });

  it('is made small and compressed before it is adjusted, and stays one view', async () => {
    const recompression = { kind: 'recompressed', width: 90, quality: 50 } as const;
    const format = { image_size: SIZE, grid_views: 5 } as const;
    const small = await cutCrop(raster, { ...CROP, change: recompression }, { ...format, grid_views: 1 });
    const crop = { ...CROP, isOneView: true };
    const same = await cutCrop(raster, { ...crop, change: { ...UNCHANGED, recompression } }, format);
    assert.deepEqual(Buffer.from(same), Buffer.from(small));
    const flipped = await cutCrop(
      raster,
      { ...crop, change: { ...UNCHANGED, recompression, isFlipped: true } },
      format,
    );
    const expected = await sharp(small, { raw: { width: SIZE, height: SIZE, channels: 3 } })
      .flop()
      .raw()
      .toBuffer();
    assert.ok(expected.equals(flipped));
    const five = await cutCrop(raster, { ...CROP, change: { ...UNCHANGED, recompression } }, format);
    assert.equal(five.length, 5 * small.length);
  });

  it('has masks in one colour', async () => {
    const masks = [{ left: 0.25, top: 0.5, right: 0.5, bottom: 1, colour: [1, 2, 3] as const }];
    const masked = await cut({ masks });
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        const isMasked = row >= 32 && column >= 16 && column < 32;
        assert.deepEqual(pixelAt(masked, row, column), isMasked ? [1, 2, 3] : pixelAt(plain, row, column));
      }
    }
    const flipped = await cut({ masks, isFlipped: true, brightness: 2 });
    assert.deepEqual(pixelAt(flipped, 40, 40), [2, 4, 6], 'masks are changed and flipped with the picture');
  });
});

describe('a query', () => {
  it('is a smaller part, made small and compressed', async () => {
    const snapshot = changeForQuery(CROP, 'snapshot');
    assert.deepEqual(
      [snapshot.left, snapshot.top, snapshot.right, snapshot.bottom],
      [20 + 18, 30 + 12, 380 - 18, 270 - 12],
    );
    const jpeg = await sharp(raster.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .extract({ left: 38, top: 42, width: 324, height: 216 })
      .resize(160, 107, { fit: 'fill', kernel: 'linear' })
      .jpeg({ quality: 40 })
      .toBuffer();
    const small = { data: await sharp(jpeg).raw().toBuffer(), width: 160, height: 107 };
    const expected = await resizeCrop(small, { left: 0, top: 0, right: 160, bottom: 107 }, SIZE);
    assert.deepEqual(await cutCrop(raster, snapshot, FORMAT), expected);
    const similar = await cutCrop(raster, { ...snapshot, change: UNCHANGED }, FORMAT);
    const difference = meanDifference(expected, similar);
    assert.ok(difference > 0.1 && difference < 10, `${difference}`);
  });

  it('of a panel of few pixels is not enlarged, and one of extreme form is a JPEG too', async () => {
    const tall: Raster = { data: Buffer.alloc(3 * 90_000, 77), width: 1, height: 90_000 };
    for (const crop of [
      { left: 0, top: 0, right: 1, bottom: 90_000 },
      { left: 0, top: 5, right: 1, bottom: 7 },
    ]) {
      const pixels = await cutCrop(tall, changeForQuery(crop, 'snapshot'), { ...FORMAT, image_size: 8 });
      assert.ok(pixels.every((value) => Math.abs(value - 77) <= 2));
    }
  });

  it('that is flipped or grey has the crop of the panel', () => {
    const flipped = changeForQuery(CROP, 'flipped');
    assert.deepEqual(flipped, { ...CROP, change: { ...UNCHANGED, isFlipped: true } });
    assert.deepEqual(changeForQuery(CROP, 'grey'), { ...CROP, change: { ...UNCHANGED, saturation: 0 } });
  });
});

it('changed crops of a page are cut as they are out of one raster, also from regions', async () => {
  const bytes = await sharp(raster.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .png()
    .toBuffer();
  const masks = [{ left: 0.1, top: 0.1, right: 0.3, bottom: 0.4, colour: [9, 9, 9] as const }];
  const crops: ChangedCrop[] = [
    { left: 10, top: 100, right: 200, bottom: 200 },
    { left: 10, top: 100, right: 200, bottom: 200, change: { ...UNCHANGED, isFlipped: true, hue: 0.03, masks } },
    changeForQuery({ left: 100, top: 200, right: 390, bottom: 290 }, 'snapshot'),
  ];
  const expected = await Promise.all(crops.map((crop) => cutCrop(raster, crop, FORMAT)));
  for (const maxImagePixels of [WIDTH * HEIGHT, 30_000]) {
    const image = await openPage(bytes, { maxImageBytes: 2 ** 24, maxImagePixels, maxStripPixels: WIDTH * HEIGHT });
    const options = { isParallel: false, assertWanted: () => {} };
    assert.deepEqual(await cropImage(image, crops, FORMAT, options), expected);
  }
});

it('the key of a crop tells its changes apart, and an unchanged crop has none', () => {
  const crops = [{}, { hue: 0.01 }, { isFlipped: true }].map((change) => ({
    ...CROP,
    change: { ...UNCHANGED, ...change },
  }));
  const keys = [...crops, changeForQuery(CROP, 'snapshot')].map((crop) => String(changeKey(crop)));
  assert.equal(new Set(keys).size, 4);
  assert.deepEqual(changeKey(CROP), []);
});
