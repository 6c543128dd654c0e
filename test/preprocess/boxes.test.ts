import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cropFromBBox, cropFromBox2d } from '../../src/preprocess/boxes.ts';

const PAGE = { width: 200, height: 100 };
const edges = ({ left, top, right, bottom }: ReturnType<typeof cropFromBBox>) => [left, top, right, bottom];

describe('crops', () => {
  it('are whole pixels inside the page', () => {
    assert.deepEqual(edges(cropFromBBox([10.9, 20.2, 30.5, 40.9], PAGE)), [10, 20, 40, 60]);
    assert.deepEqual(edges(cropFromBBox([150, 50, 100, 100], PAGE)), [150, 50, 200, 100]);
    assert.deepEqual(edges(cropFromBox2d([0, 0, 1000, 1000], PAGE)), [0, 0, 200, 100]);
    assert.deepEqual(edges(cropFromBox2d([-50, 250, 500, 1040], PAGE)), [50, 0, 200, 50]);
  });

  it('of boxes thinner than a pixel are one pixel', () => {
    assert.deepEqual(edges(cropFromBBox([10.2, 20.2, 0.5, 0.5], PAGE)), [10, 20, 11, 21]);
    assert.deepEqual(edges(cropFromBox2d([999, 999, 999.5, 999.5], PAGE)), [199, 99, 200, 100]);
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
