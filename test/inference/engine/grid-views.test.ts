import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { drawPattern, drawPicture } from '../../../src/embedding/golden/draw-picture.ts';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import type { EngineItem } from '../../../src/inference/engine-types.ts';
import { type Model, readModel } from '../../../src/model/model.ts';
import { maxDifference } from '../../support/numeric.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const SIZE = 8;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let model: Model;
let runtime: ModelRuntime;
before(async () => {
  tiny = await makeTinyModel({ gridViews: 5 });
  model = await readModel(tiny.folder);
  runtime = await ModelRuntime.load(model, { provider: 'cpu', device: 0, threads: 1 }, 4);
});
after(() => tiny.remove());

const toItem = (pixels: Uint8Array): EngineItem => ({
  pixels,
  tokens: null,
  composition: null,
  outputs: ['vision', 'fused'],
  wantsFeatures: true,
});

/** What the tiny model computes of a view: means of the channels, of the whole and of three stripes of two rows. */
function featuresByHand(view: Uint8Array): number[] {
  const [backbone] = model.spec.vision.backbones;
  const mean = (firstRow: number, endRow: number, channel: 0 | 1 | 2) => {
    let sum = 0;
    for (let pixel = firstRow * SIZE; pixel < endRow * SIZE; pixel++) sum += view[3 * pixel + channel]! / 255;
    const average = sum / ((endRow - firstRow) * SIZE);
    return (average - backbone!.mean[channel]) / backbone!.std[channel];
  };
  const stripes = [
    [0, SIZE],
    [0, 2],
    [2, 4],
    [4, 6],
  ] as const;
  return stripes.flatMap(([first, end]) => ([0, 1, 2] as const).map((channel) => mean(first, end, channel)));
}

describe('a model with five views', () => {
  it('averages the features of the views', async () => {
    const [result] = await runtime.run([toItem(drawPicture(2, model.spec.vision))]);
    const views = [2, 3, 4, 5, 6].map((pattern) => featuresByHand(drawPattern(pattern, SIZE)));
    const expected = views[0]!.map((_, i) => views.reduce((sum, view) => sum + view[i]!, 0) / 5);
    const features = result!.features!.vision!['only']!;
    assert.ok(maxDifference(features, expected) < 1e-6);
    assert.ok(maxDifference(features, views[0]!) > 1e-3);
    const known: EngineItem = { ...toItem(new Uint8Array()), pixels: null, known: { vision: { only: features } } };
    assert.deepEqual((await runtime.run([known]))[0]!.vectors, result!.vectors);
  });

  it('gives each panel the same bytes alone and beside others, also beside pictures of one view', async () => {
    const items = [2, 5, 9, 11].map((pattern) => toItem(drawPicture(pattern, model.spec.vision)));
    items.push(toItem(drawPattern(4, SIZE)));
    const alone = await Promise.all(items.map(async (item) => (await runtime.run([item]))[0]!.vectors));
    for (const arrangement of [items.slice(0, 4), items.slice(1).toReversed()]) {
      const together = await runtime.run(arrangement);
      together.forEach(({ vectors }, i) => {
        assert.deepEqual(vectors, alone[items.indexOf(arrangement[i]!)]);
      });
    }
  });

  it('refuses other numbers of views', async () => {
    const picture = drawPicture(2, model.spec.vision);
    for (const pixels of [picture.subarray(0, 3 * 3 * SIZE ** 2), picture.subarray(1), new Uint8Array()]) {
      await assert.rejects(runtime.run([toItem(pixels)]), /neither one nor 5 views of 8 x 8 pixels/);
    }
  });
});
