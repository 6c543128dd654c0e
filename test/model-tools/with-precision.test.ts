import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ModelSpec, VisualEncoderSpec } from '../../src/model/model-spec.ts';
import { changedEncoders, type Int8FileSpec, TEXT_PART, withPrecision } from '../../src/model-tools/with-precision.ts';
import { MODEL_PARTS } from '../support/generated-training-set.ts';

const code = { weights: 'weights.safetensors', prefix: '', precision: 'fp32' } as const;
const file: Int8FileSpec = { kind: 'onnx', file: 'a.int8.onnx', input: 'x', output: 'y', precision: 'int8' };

function makeSpec(encoder: VisualEncoderSpec): ModelSpec {
  const [backbone] = MODEL_PARTS.vision.backbones;
  const vision = { ...MODEL_PARTS.vision, backbones: [{ ...backbone!, encoder }] };
  const text = { ...MODEL_PARTS.text, encoder: { kind: 'bert', heads: 2, ...code } } as ModelSpec['text'];
  return { ...MODEL_PARTS, vision, text, files: {} };
}

it('a convolutional encoder becomes int8 as a file of integers, and stays in fp32 without one', () => {
  const { name } = MODEL_PARTS.vision.backbones[0]!;
  const precisionsIn = (precision: 'int8' | 'fp16', files: ReadonlyMap<string, Int8FileSpec>) => {
    const encoders: VisualEncoderSpec[] = [
      { kind: 'siglip', heads: 2, ...code },
      { kind: 'resnet', ...code },
      { kind: 'efficientnet_lite', ...code },
    ];
    return encoders.map((encoder) => {
      const changed = withPrecision(makeSpec(encoder), 'changed', precision, files);
      const { kind, precision: changedPrecision } = changed.vision.backbones[0]!.encoder as typeof file;
      return `${kind} ${changedPrecision}`;
    });
  };
  assert.deepEqual(precisionsIn('int8', new Map()), ['siglip int8', 'resnet fp32', 'efficientnet_lite fp32']);
  assert.deepEqual(precisionsIn('int8', new Map([[name, file]])), ['onnx int8', 'onnx int8', 'onnx int8']);
  assert.deepEqual(precisionsIn('fp16', new Map()), ['siglip fp16', 'resnet fp16', 'efficientnet_lite fp16']);
});

it('changes only the encoders that are named', () => {
  const spec = makeSpec({ kind: 'siglip', heads: 2, ...code });
  const { name } = spec.vision.backbones[0]!;
  const changedOf = (parts: ReadonlySet<string>) =>
    changedEncoders(spec, withPrecision(spec, 'changed', 'int8', new Map(), parts));
  assert.deepEqual(changedOf(new Set([name])), [name]);
  assert.deepEqual(changedOf(new Set([TEXT_PART])), [TEXT_PART]);
  assert.deepEqual(changedOf(new Set()), []);
});

it('refuses what is int8 already, and fp16 of an ONNX file', () => {
  assert.throws(() => withPrecision(makeSpec(file), 'changed', 'int8'), /is int8 already: begin with the fp32 model/);
  const floats: VisualEncoderSpec = { kind: 'onnx', file: 'a.onnx', input: 'x', output: 'y' };
  assert.throws(() => withPrecision(makeSpec(floats), 'changed', 'fp16'), /a\.onnx is an ONNX file/);
});
