import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type BBox, cropFromBBox, cropFromBox2d, cropFromEdges } from '../../src/preprocess/boxes.ts';

const PAGE = { width: 200, height: 100 };
const edges = ({ left, top, right, bottom }: ReturnType<typeof cropFromBBox>) => [left, top, right, bottom];

/** Made by PIL: test/fixtures/pil-crops/make.py */
const pilCrops: { page: [number, number]; bbox: BBox; crop: number[] | null }[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/pil-crops/crops.json'), 'utf8'),
);

describe('crops', () => {
  it('are whole pixels inside the page', () => {
    assert.deepEqual(edges(cropFromBBox([10.9, 20.2, 30.5, 40.9], PAGE)), [11, 20, 41, 61]);
    assert.deepEqual(edges(cropFromBBox([150, 50, 100, 100], PAGE)), [150, 50, 200, 100]);
    assert.deepEqual(edges(cropFromBox2d([0, 0, 1000, 1000], PAGE)), [0, 0, 200, 100]);
    assert.deepEqual(edges(cropFromBox2d([-50, 250, 500, 1040], PAGE)), [50, 0, 200, 50]);
  });

  it('of OCR boxes are those of PIL', () => {
    for (const { page, bbox, crop } of pilCrops) {
      const [width, height] = page;
      if (crop === null) {
        assert.throws(() => cropFromBBox(bbox, { width, height }), { reason: 'under_a_pixel' }, `${bbox} on ${page}`);
      } else assert.deepEqual(edges(cropFromBBox(bbox, { width, height })), crop, `${bbox} on ${page}`);
    }
    assert.ok(pilCrops.some(({ crop }) => crop === null));
  });

  it('have edges that are rounded one by one', () => {
    const page = { width: 900, height: 1200 };
    assert.deepEqual(edges(cropFromBBox([34.6, 353.7, 782.9, 491.9], page)), [35, 354, 818, 846]);
    assert.deepEqual(edges(cropFromEdges([34.6, 353.7, 817.5, 845.6], page)), [35, 354, 818, 846]);
  });

  it('of boxes that cover no whole pixel are refused', () => {
    for (const crop of [
      () => cropFromBBox([10.2, 20.2, 0.2, 0.2], PAGE),
      () => cropFromBBox([0.03, 0.04, 0.4, 0.9], PAGE),
      () => cropFromBBox([199.8, 0, 10, 10], PAGE),
      () => cropFromBox2d([999, 999, 999.5, 999.5], PAGE),
      () => cropFromBox2d([0.03, 0.04, 0.5, 0.9], PAGE),
    ])
      assert.throws(crop, { code: 'invalid_request', reason: 'under_a_pixel' });
  });

  it('keep their width if the corner is moved onto the page, as in Stage 3', () => {
    assert.deepEqual(edges(cropFromBBox([-10, -10, 50, 50], PAGE)), [0, 0, 50, 50]);
  });

  for (const box of [
    [0, 0, 0, 10],
    [0, 0, 10, -1],
    [0, 0, Number.NaN, 10],
  ] as const) {
    it(`are refused for a box without area: ${box}`, () => {
      assert.throws(() => cropFromBBox(box, PAGE), { code: 'invalid_request', message: /no area/ });
    });
  }

  for (const box of [
    [200, 0, 10, 10],
    [0, 100, 10, 10],
    [-20, 0, 10, 10],
    [5000, 5000, 10, 10],
  ] as const) {
    it(`are refused for a box off the page: ${box}`, () => {
      assert.throws(() => cropFromBBox(box, PAGE), { code: 'invalid_request', message: /outside the page/ });
    });
  }

  it('are refused for VLM boxes upside down, flat or off the page', () => {
    assert.throws(() => cropFromBox2d([900, 900, 800, 950], PAGE), /no area/);
    assert.throws(() => cropFromBox2d([300, 300, 300, 600], PAGE), /no area/);
    assert.throws(() => cropFromBox2d([1100, 0, 1200, 100], PAGE), /outside the page/);
    assert.throws(() => cropFromBox2d([-300, 0, -100, 100], PAGE), /outside the page/);
  });
});
