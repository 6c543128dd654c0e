import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawView, type ViewSource } from '../../../src/preprocess/augment/draw-view.ts';
import type { Adjustments } from '../../../src/preprocess/augment/picture-change.ts';

const PAGE = { width: 900, height: 1200 };
const PANEL = { left: 100, top: 200, right: 500, bottom: 800 };
const AREA = { left: 150, top: 250, right: 250, bottom: 350 };
const SOURCE: ViewSource = { crop: PANEL, textAreas: [AREA], page: PAGE };

const drawMany = (source: ViewSource) =>
  Array.from({ length: 500 }, (_, i) => {
    const { change, ...crop } = drawView(source, ['panel', i]);
    return { ...crop, change: change as Adjustments };
  });
const spread = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
const share = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

function assertWithin(values: readonly number[], low: number, high: number): void {
  const [least, most] = spread(values);
  assert.ok(least >= low && most <= high, `${least} to ${most} is within ${low} to ${high}`);
  const tolerance = 0.1 * (high - low);
  assert.ok(least < low + tolerance && most > high - tolerance, `${least} to ${most} fills ${low} to ${high}`);
}

describe('a drawn view', () => {
  it('is the same for the same keys, and another for others', () => {
    assert.deepEqual(drawView(SOURCE, ['a', 1]), drawView(SOURCE, ['a', 1]));
    assert.notDeepEqual(drawView(SOURCE, ['a', 1]), drawView(SOURCE, ['a', 2]));
    assert.notDeepEqual(drawView(SOURCE, ['a', 1]), drawView(SOURCE, ['b', 1]));
  });

  it('is a part of the panel of about its form, hardly over its edges', () => {
    const views = drawMany(SOURCE);
    const widths = views.map(({ left, right }) => (right - left) / 400);
    const heights = views.map(({ top, bottom }) => (bottom - top) / 600);
    assertWithin(
      widths.map((width, i) => Math.sqrt(width * heights[i]!)),
      0.55 - 0.005,
      1,
    );
    const stretches = views.flatMap((_, i) =>
      widths[i]! < 0.99 && heights[i]! < 0.99 ? [widths[i]! / heights[i]!] : [],
    );
    assertWithin(stretches, 0.74 - 0.01, 1.35 + 0.01);
    assert.deepEqual(
      [spread(views.map(({ left }) => left))[0] >= 88, spread(views.map(({ right }) => right))[1] <= 512],
      [true, true],
    );
    assert.ok(views.some(({ left }) => left < 100) && views.some(({ bottom }) => bottom > 800));
  });

  it('has colours, flips and grey in their ranges', () => {
    const changes = drawMany(SOURCE).map(({ change }) => change);
    const coloured = changes.filter(({ saturation }) => saturation > 0);
    assertWithin(
      changes.map(({ brightness }) => brightness),
      0.7,
      1.3,
    );
    assertWithin(
      coloured.map(({ saturation }) => saturation),
      0.5,
      1.5,
    );
    assertWithin(
      changes.map(({ hue }) => hue),
      -12 / 256,
      12 / 256,
    );
    assert.ok(Math.abs(share(changes.map(({ isFlipped }) => isFlipped)) - 0.5) < 0.1);
    assert.ok(Math.abs(share(changes.map(({ saturation }) => saturation === 0)) - 0.1) < 0.05);
  });

  it('is small and compressed in half of all cases', () => {
    const recompressions = drawMany(SOURCE).map(({ change }) => change.recompression);
    const some = recompressions.filter((recompression) => recompression !== null);
    assert.ok(Math.abs(some.length / recompressions.length - 0.5) < 0.1);
    assertWithin(
      some.map(({ width }) => Math.log(width)),
      Math.log(80),
      Math.log(224),
    );
    assertWithin(
      some.map(({ quality }) => quality),
      30,
      85,
    );
  });

  it('masks texts sometimes, where they are in the view', () => {
    const views = drawMany(SOURCE);
    const masked = views.filter(({ change }) => change.masks.length > 0);
    assert.ok(masked.length > 50 && masked.length < 200, `${masked.length} of ${views.length}`);
    for (const { left, top, right, bottom, change } of masked) {
      const [mask] = change.masks;
      const width = right - left;
      assert.ok(Math.abs(mask!.left * width - Math.max(0, AREA.left - left)) < 1e-6);
      assert.ok(Math.abs(mask!.right * width - Math.min(width, AREA.right - left)) < 1e-6);
      assert.ok(mask!.top >= 0 && mask!.bottom <= 1 && mask!.top < mask!.bottom && bottom > top);
    }
    assert.ok(drawMany({ ...SOURCE, textAreas: [] }).every(({ change }) => change.masks.length === 0));
  });

  it('lies on the page, however small the panel or the page is', () => {
    const crops = [
      { left: 0, top: 0, right: 1, bottom: 1 },
      { left: 899, top: 0, right: 900, bottom: 1200 },
      { left: 0, top: 1198, right: 900, bottom: 1200 },
      { left: 0, top: 0, right: 900, bottom: 1200 },
    ];
    for (const crop of crops) {
      for (const { left, top, right, bottom } of drawMany({ ...SOURCE, crop })) {
        assert.ok(left >= 0 && top >= 0 && right <= 900 && bottom <= 1200);
        assert.ok(right > left && bottom > top);
        assert.ok(right - left <= crop.right - crop.left && bottom - top <= crop.bottom - crop.top);
        assert.ok([left, top, right, bottom].every(Number.isInteger));
      }
    }
  });
});
