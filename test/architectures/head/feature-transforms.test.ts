import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHeadGraph } from '../../../src/architectures/head/head.ts';
import { seedHead } from '../../../src/architectures/head/seeded-head.ts';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { ReduceSum } from '../../../src/graph/ops/operators.ts';
import type { ParameterValue, Value } from '../../../src/graph/value.ts';
import type { HeadSpec } from '../../../src/model/head-spec.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { maxDifference, seeded } from '../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const plain: HeadSpec = {
  dimensions: 16,
  backbones: [
    { name: 'siglip', features: 12 },
    { name: 'resnet', features: 10 },
  ],
  textFeatures: 9,
  visualFusion: 'concat',
  modalityIndicators: true,
  fusionMode: 'present',
};
const transformed: HeadSpec = { ...plain, visionTransform: 'signed_sqrt', textTransform: 'unit_length' };
const weights = new StateDict('seeded', seedHead(plain, 1));

function makeRows(rows: number, width: number, seed: number): number[][] {
  const random = seeded(seed);
  // A zero in each row: its root is zero, and has no finite gradient.
  return Array.from({ length: rows }, () => Array.from({ length: width }, (_, i) => (i === 0 ? 0 : 3 * random())));
}

async function run(graph: 'vision' | 'text', spec: HeadSpec, features: Readonly<Record<string, number[][]>>) {
  const feeds = Object.entries(features).map(
    ([name, rows]) => [name, float32Tensor(rows.flat(), [rows.length, rows[0]!.length])] as const,
  );
  const outputs = await runGraph(defineHeadGraph(graph, weights, spec), Object.fromEntries(feeds));
  return outputs[graph]!.data as Float32Array;
}

describe('feature transforms', () => {
  it('signed_sqrt is that of every backbone before its first layer', async () => {
    const features = { siglip: makeRows(4, 12, 1), resnet: makeRows(4, 10, 2) };
    const root = (rows: number[][]) => rows.map((row) => row.map((x) => Math.sign(x) * Math.sqrt(Math.abs(x))));
    const expected = await run('vision', plain, { siglip: root(features.siglip), resnet: root(features.resnet) });
    assert.ok(maxDifference(await run('vision', transformed, features), expected) < 1e-5);
    assert.ok(maxDifference(await run('vision', plain, features), expected) > 0.1);
  });

  it('unit_length divides the text features by their norm, and leaves zeros as they are', async () => {
    const rows = [...makeRows(3, 9, 3), new Array<number>(9).fill(0)];
    const unit = rows.map((row) => row.map((x) => x / (Math.hypot(...row) || 1)));
    const expected = await run('text', plain, { text_features: unit });
    assert.ok(maxDifference(await run('text', transformed, { text_features: rows }), expected) < 1e-6);
  });

  it('let finite gradients reach the weights, with features of zero too', async () => {
    for (const [graph, inputs, key] of [
      ['vision', { siglip: 12, resnet: 10 }, 'vision.siglip.adaptation.0.weight'],
      ['text', { text_features: 9 }, 'text.proj.weight'],
    ] as const) {
      const definition = defineHeadGraph(graph, weights, transformed);
      const output = definition.outputs[graph] as Value;
      const shape = graph === 'vision' ? ([(12 >> 2) << 1, 12] as const) : ([16, 9] as const);
      const parameter = weights.parameter(key, shape) as ParameterValue;
      const [gradient] = gradients(ReduceSum(ReduceSum(output, [1], false), [0], false), [parameter]);
      const feeds = Object.entries(inputs).map(
        ([name, width]) => [name, float32Tensor(new Float32Array(2 * width), [2, width])] as const,
      );
      const outputs = await runGraph({ name: 'gradient', outputs: { gradient: gradient! } }, Object.fromEntries(feeds));
      assert.ok((outputs['gradient']!.data as Float32Array).every(Number.isFinite), key);
    }
  });
});
