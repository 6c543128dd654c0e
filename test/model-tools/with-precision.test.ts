import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ModelSpec, VisualEncoderSpec } from '../../src/model/model-spec.ts';
import { withPrecision } from '../../src/model-tools/with-precision.ts';
import { MODEL_PARTS } from '../support/generated-training-set.ts';

const code = { weights: 'weights.safetensors', prefix: '', precision: 'fp32' } as const;

it('convolutional encoders stay in fp32 when the others become int8', () => {
  const [backbone] = MODEL_PARTS.vision.backbones;
  const precisionsIn = (precision: 'int8' | 'fp16') => {
    const encoders: VisualEncoderSpec[] = [
      { kind: 'siglip', heads: 2, ...code },
      { kind: 'resnet', ...code },
      { kind: 'efficientnet_lite', ...code },
    ];
    return encoders.map((encoder) => {
      const vision = { ...MODEL_PARTS.vision, backbones: [{ ...backbone!, encoder }] };
      const text = { ...MODEL_PARTS.text, encoder: { kind: 'bert', heads: 2, ...code } } as ModelSpec['text'];
      const changed = withPrecision({ ...MODEL_PARTS, vision, text, files: {} }, 'changed', precision);
      return (changed.vision.backbones[0]!.encoder as typeof code).precision;
    });
  };
  assert.deepEqual(precisionsIn('int8'), ['int8', 'fp32', 'fp32']);
  assert.deepEqual(precisionsIn('fp16'), ['fp16', 'fp16', 'fp16']);
});
