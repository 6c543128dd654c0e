import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { PageSize } from '../../src/preprocess/boxes.ts';
import {
  BBOX_LAYOUT,
  BOX_2D_LAYOUT,
  type BoxForm,
  type BoxLayout,
  type BoxNumbers,
  placePanel,
} from '../../src/preprocess/panel-box.ts';

const PAGE = { width: 200, height: 100 };
function cropOf(form: BoxForm, layout: BoxLayout, numbers: BoxNumbers, page: PageSize, drawnOn?: PageSize): number[] {
  const { left, top, right, bottom } = placePanel({ form, layout, numbers }, page, 1, drawnOn).crop;
  return [left, top, right, bottom];
}
const ocrCrop = (numbers: BoxNumbers, page: PageSize) => cropOf('ocr', BBOX_LAYOUT, numbers, page);
const vlmCrop = (numbers: BoxNumbers, page: PageSize) => cropOf('vlm', BOX_2D_LAYOUT, numbers, page);

/** Made by PIL: test/fixtures/pil-crops/make.py */
const pilCrops: { page: [number, number]; bbox: BoxNumbers; crop: number[] | null }[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/pil-crops/crops.json'), 'utf8'),
);

describe('crops', () => {
  it('are whole pixels inside the page', () => {
    assert.deepEqual(ocrCrop([10.9, 20.2, 30.5, 40.9], PAGE), [11, 20, 41, 61]);
    assert.deepEqual(ocrCrop([150, 50, 100, 100], PAGE), [150, 50, 200, 100]);
    assert.deepEqual(vlmCrop([0, 0, 1000, 1000], PAGE), [0, 0, 200, 100]);
    assert.deepEqual(vlmCrop([-50, 250, 500, 1040], PAGE), [50, 0, 200, 50]);
  });

  it('of OCR boxes are those of PIL', () => {
    for (const { page, bbox, crop } of pilCrops) {
      const [width, height] = page;
      if (crop === null) {
        assert.throws(() => ocrCrop(bbox, { width, height }), { reason: 'under_a_pixel' }, `${bbox} on ${page}`);
      } else assert.deepEqual(ocrCrop(bbox, { width, height }), crop, `${bbox} on ${page}`);
    }
    assert.ok(pilCrops.some(({ crop }) => crop === null));
  });

  it('have edges that are rounded one by one', () => {
    const page = { width: 900, height: 1200 };
    assert.deepEqual(ocrCrop([34.6, 353.7, 782.9, 491.9], page), [35, 354, 818, 846]);
    assert.deepEqual(
      cropOf('detected', { scale: 'pixels', order: 'xyxy' }, [34.6, 353.7, 817.5, 845.6], page),
      [35, 354, 818, 846],
    );
  });

  it('of boxes that cover no whole pixel are refused', () => {
    for (const crop of [
      () => ocrCrop([10.2, 20.2, 0.2, 0.2], PAGE),
      () => ocrCrop([0.03, 0.04, 0.4, 0.9], PAGE),
      () => ocrCrop([199.8, 0, 10, 10], PAGE),
      () => vlmCrop([999, 999, 999.5, 999.5], PAGE),
      () => vlmCrop([0.03, 0.04, 0.5, 0.9], PAGE),
    ])
      assert.throws(crop, { code: 'invalid_request', reason: 'under_a_pixel' });
  });

  it('keep their width if the corner is moved onto the page, as in Stage 3', () => {
    assert.deepEqual(ocrCrop([-10, -10, 50, 50], PAGE), [0, 0, 50, 50]);
  });

  for (const box of [
    [0, 0, 0, 10],
    [0, 0, 10, -1],
    [0, 0, Number.NaN, 10],
  ] as const) {
    it(`are refused for a box without area: ${box}`, () => {
      assert.throws(() => ocrCrop(box, PAGE), { code: 'invalid_request', message: /no area/ });
    });
  }

  for (const box of [
    [200, 0, 10, 10],
    [0, 100, 10, 10],
    [-20, 0, 10, 10],
    [5000, 5000, 10, 10],
  ] as const) {
    it(`are refused for a box off the page: ${box}`, () => {
      assert.throws(() => ocrCrop(box, PAGE), { code: 'invalid_request', message: /outside the page/ });
    });
  }

  it('are refused for VLM boxes upside down, flat or off the page', () => {
    assert.throws(() => vlmCrop([900, 900, 800, 950], PAGE), /no area/);
    assert.throws(() => vlmCrop([300, 300, 300, 600], PAGE), /no area/);
    assert.throws(() => vlmCrop([1100, 0, 1200, 100], PAGE), /outside the page/);
    assert.throws(() => vlmCrop([-300, 0, -100, 100], PAGE), /outside the page/);
  });
});
