import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHeadGraph, isHeadKey } from '../../../src/architectures/head/head.ts';
import { seedHead } from '../../../src/architectures/head/seeded-head.ts';
import type { HeadSpec, VisualFusion } from '../../../src/model/head-spec.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { seeded } from '../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const ROWS = 3;

function makeSpec(visualFusion: VisualFusion, modalityIndicators = true): HeadSpec {
  const backbones = [
    { name: 'siglip', features: 12 },
    { name: 'resnet', features: 20 },
  ].slice(0, visualFusion === 'single' ? 1 : 2);
  return { dimensions: 16, backbones, textFeatures: 10, visualFusion, modalityIndicators, fusionMode: 'present' };
}

async function runVision(spec: HeadSpec) {
  const random = seeded(3);
  const weights = new StateDict('seeded', seedHead(spec, 1));
  const feeds = spec.backbones.map(({ name, features }) => {
    return [name, float32Tensor(Float32Array.from({ length: ROWS * features }, random), [ROWS, features])] as const;
  });
  return runGraph(defineHeadGraph('vision', weights, spec), Object.fromEntries(feeds));
}

describe('visual fusion', () => {
  for (const fusion of ['attention', 'gate'] as const) {
    it(`by ${fusion} has backbone weights that sum to one`, async () => {
      const outputs = await runVision(makeSpec(fusion));
      assert.deepEqual(outputs['vision']!.dims, [ROWS, 16]);
      const backboneWeights = outputs['backbone_weights']!.data as Float32Array;
      for (let row = 0; row < ROWS; row++)
        assert.ok(Math.abs(backboneWeights[2 * row]! + backboneWeights[2 * row + 1]! - 1) < 1e-6);
    });
  }

  it('by concatenation projects to the dimensions, which the original PyTorch code does not', async () => {
    const outputs = await runVision(makeSpec('concat'));
    assert.deepEqual(outputs['vision']!.dims, [ROWS, 16]);
    assert.equal(outputs['backbone_weights'], undefined);
  });

  it('is not needed for a single backbone', async () => {
    const outputs = await runVision(makeSpec('single'));
    assert.deepEqual(outputs['vision']!.dims, [ROWS, 16]);
  });

  it('names the key of a weight that is missing', () => {
    const spec = makeSpec('concat');
    const tensors = seedHead(spec, 1);
    tensors.delete('vision.projection.weight');
    const build = () => defineHeadGraph('vision', new StateDict('cut', tensors), spec);
    const message = 'cut: "vision.projection.weight" is missing (closest: "vision.projection.bias")';
    assert.throws(build, { code: 'weights_invalid', message });
  });

  it('has no mask in the gate inputs if the model has no modality indicators', () => {
    const tensors = seedHead(makeSpec('attention', false), 1);
    assert.deepEqual(tensors.get('fusion.gate.0.weight')!.shape, [16, 48]);
    assert.throws(
      () => defineHeadGraph('fusion', new StateDict('m', tensors), makeSpec('attention', true)),
      /expected \(16, 51\)/,
    );
  });
});

it('isHeadKey tells keys of the head from keys of encoders', () => {
  const head = [
    'vision.adaptation.0.weight',
    'vision.siglip.adaptation.5.bias',
    'vision.gate.0.bias',
    'text.proj.bias',
    'comp.mlp.1.running_mean',
    'fusion.residual_weight',
  ];
  const backbone = [
    'vision.siglip.siglip.vision_model.head.probe',
    'vision.resnet.resnet.conv1.weight',
    'vision.resnet.layer1.0.bn1.weight',
    'text.encoder.pooler.dense.bias',
  ];
  assert.deepEqual([...head, ...backbone].filter(isHeadKey), head);
});
