import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVALUATION } from '../../../src/architectures/head/layers.ts';
import { V1_HEAD } from '../../../src/evaluation/baselines/v1-head.ts';
import { input } from '../../../src/graph/value.ts';
import { toHeadSpec } from '../../../src/model/model.ts';
import { ort } from '../../../src/onnxruntime/session.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { float32View } from '../../../src/weights/tensor.ts';
import { drawnView } from '../../support/baselines.ts';
import { BACKBONES, DIMENSIONS, MODEL_PARTS, TEXT_FEATURES } from '../../support/generated-training-set.ts';
import { maxDifference } from '../../support/numeric.ts';
import { runGraph } from '../../support/run-graph.ts';

const spec = toHeadSpec(MODEL_PARTS);
const tensors = V1_HEAD.initialTensors!(spec, 42);
const ROWS = 3;
const view = drawnView([
  [1, 1, 1],
  [1, 0, 0],
  [0, 1, 0],
]);

/** nn.Linear */
function linear(key: string, x: readonly number[]): number[] {
  const [weight, bias] = [float32View(tensors.get(`${key}.weight`)!), float32View(tensors.get(`${key}.bias`)!)];
  return [...bias].map((value, out) =>
    x.reduce((sum, feature, i) => sum + feature * weight[out * x.length + i]!, value),
  );
}

/** The first version as its code has it, for one panel. */
function naiveFirstVersion(row: number): { fused: number[]; gate: number[] } {
  const part = (values: Float32Array, width: number) => [...values.subarray(row * width, (row + 1) * width)];
  const pictures = BACKBONES.flatMap(({ name, features }) => part(view.vision[name]!, features));
  const hidden = linear('comp.mlp.0', part(view.composition, 7)).map((value) => Math.max(0, value));
  const vectors = [
    linear('vision.proj', pictures),
    linear('text.proj', part(view.text, TEXT_FEATURES)),
    linear('comp.mlp.2', hidden),
  ];
  const exponentials = linear('fuse.gate', vectors.flat()).map(Math.exp);
  const gate = exponentials.map((value) => value / exponentials.reduce((a, b) => a + b));
  const fused = vectors[0]!.map((_, i) => vectors.reduce((sum, vector, k) => sum + gate[k]! * vector[i]!, 0));
  return { fused, gate };
}

async function runFirstVersion(mask: Float32Array) {
  const rows = (name: string, width: number) => input(name, 'float32', ['n', width]);
  const { fuse } = V1_HEAD.build(new StateDict('v1', tensors), spec, EVALUATION, {
    vision: BACKBONES.map(({ name, features }) => rows(name, features)),
    text: rows('text', TEXT_FEATURES),
    composition: rows('composition', 7),
    present: rows('present', 3),
  });
  const { fused, gateWeights } = fuse(rows('mask', 3));
  const tensor = (data: Float32Array) => new ort.Tensor('float32', data, [ROWS, data.length / ROWS]);
  const feeds = { ...view.vision, text: view.text, composition: view.composition, mask };
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, tensor(data)]));
  const { mask: _, ...used } = inputs;
  return runGraph({ name: 'v1', outputs: { fused, gate: gateWeights } }, used);
}

describe('the first version', () => {
  it('computes what its formulas say', async () => {
    const outputs = await runFirstVersion(view.present);
    for (let row = 0; row < ROWS; row++) {
      const { fused, gate } = naiveFirstVersion(row);
      const slice = (name: string, width: number) =>
        (outputs[name]!.data as Float32Array).subarray(row * width, (row + 1) * width);
      assert.ok(maxDifference(slice('fused', DIMENSIONS), fused) < 1e-5);
      assert.ok(maxDifference(slice('gate', 3), gate) < 1e-5);
    }
  });

  it('starts as nn.Linear does, the same for one seed', () => {
    const weight = float32View(tensors.get('text.proj.weight')!);
    const largest = Math.max(...weight.map(Math.abs));
    assert.ok(largest <= 1 / Math.sqrt(TEXT_FEATURES) && largest > 0.9 / Math.sqrt(TEXT_FEATURES));
    assert.deepEqual(V1_HEAD.initialTensors!(spec, 42), tensors);
    assert.notDeepEqual(V1_HEAD.initialTensors!(spec, 43), tensors);
  });
});
