import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ort } from '../../../src/onnxruntime/session.ts';
import { columnInput } from '../../../src/training/graph-inputs.ts';
import { buildEncoderOutputs } from '../../../src/training/graphs/encoder-outputs.ts';
import { readEncoderWeights } from '../../../src/training/preparation/initial-weights.ts';
import { COLUMNS } from '../../../src/training/training-columns.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { maxDifference, seededBytes } from '../../support/numeric.ts';
import { runGraph } from '../../support/run-graph.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';

const [PANELS, VIEWS] = [2, 5];

it('encoders that are trained average the features of the views', async () => {
  const { model, remove } = await makeSmallStage3();
  const { text, vision } = model.spec;
  const size = vision.image_size;
  const weights = new StateDict('small', await readEncoderWeights(model, model.spec));
  const pixels = seededBytes(PANELS * VIEWS * size * size * 3, 1);
  const encode = async (gridViews: 1 | 5) => {
    const spec = {
      model: { text, vision: { ...vision, grid_views: gridViews } },
      options: { freeze_backbones: false },
    };
    const [features] = buildEncoderOutputs(spec, weights).vision;
    const shape = [(PANELS * VIEWS) / gridViews, gridViews, size, size, 3];
    const feeds = { [columnInput(COLUMNS.pixels)]: new ort.Tensor('uint8', pixels, shape) };
    const outputs = await runGraph({ name: 'features', outputs: { features: features! } }, feeds);
    return outputs['features']!.data as Float32Array;
  };
  const [averaged, single] = [await encode(5), await encode(1)];
  const width = averaged.length / PANELS;
  const expected = Array.from({ length: averaged.length }, (_, i) => {
    const [panel, column] = [Math.floor(i / width), i % width];
    const views = Array.from({ length: VIEWS }, (_, view) => single[(panel * VIEWS + view) * width + column]!);
    return views.reduce((sum, value) => sum + value, 0) / VIEWS;
  });
  assert.ok(maxDifference(averaged, expected) < 1e-4);
  await remove();
});
