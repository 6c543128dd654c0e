import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { bert, inferBertSizes } from '../../../src/architectures/backbones/bert.ts';
import { inferResnetSizes, resnet } from '../../../src/architectures/backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../../../src/architectures/backbones/siglip.ts';
import { FUSED_LOWERING } from '../../../src/architectures/lowering/fused-lowering.ts';
import { INT8_LOWERING } from '../../../src/architectures/lowering/int8-lowering.ts';
import type { Lowering } from '../../../src/architectures/lowering/lowering.ts';
import { STANDARD_LOWERING } from '../../../src/architectures/lowering/standard-lowering.ts';
import { convertToFloat16 } from '../../../src/graph/rewrite/convert-to-float16.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';
import { listReferenceCases, REFERENCE_FOLDER, toFloat32Array } from '../../support/reference-cases.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const MAX_DIFFERENCE_TO_ORIGINAL = 1e-4;
const MAX_DIFFERENCE_BETWEEN_LOWERINGS = 1e-5;
/** Of the text encoder of the reference */
const WIDTH = 32;

async function openCase(name: string) {
  const { tensors: io, metadata } = await readSafetensors(path.join(REFERENCE_FOLDER, name, 'io.safetensors'));
  const config = JSON.parse(metadata['config']!);
  const weights = await StateDict.read(path.join(REFERENCE_FOLDER, name, 'weights.safetensors'));
  const hasBoth = config.visual_backbone === 'both';
  const image = io.get('in.images')!;
  const side = image.shape[2]!;
  const images = input('images', 'float32', ['n', 3, side, side]);
  const [ids, mask] = ['input_ids', 'attention_mask'].map((key) => input(key, 'int64', ['n', 't'])) as [Value, Value];
  const text = ['input_ids', 'attention_mask'].map((key) => {
    const { bytes, shape } = io.get(`in.${key}`)!;
    return [key, new ort.Tensor('int64', new BigInt64Array(bytes.buffer), shape)];
  });
  const features: Record<string, (lowering: Lowering, pooledLayers?: readonly number[], layers?: number) => Value> = {
    siglip: (lowering) => {
      const tower = weights.withPrefix(`vision.${hasBoth ? 'siglip.' : ''}siglip.vision_model.`);
      return siglip(tower, inferSiglipSizes(tower, config.sizes.siglip.heads), images, lowering);
    },
    resnet: () => {
      const net = weights.withPrefix(`vision.${hasBoth ? 'resnet.' : ''}resnet.`);
      return resnet(net, inferResnetSizes(net), images);
    },
    text: (lowering, pooledLayers, layers) => {
      const encoder = weights.withPrefix('text.encoder.');
      const sizes = inferBertSizes(encoder, config.sizes.bert.heads);
      return bert(encoder, { ...sizes, layers: layers ?? sizes.layers }, ids, mask, lowering, pooledLayers);
    },
  };
  const run = async (name: string, output: Value) => {
    const feeds =
      name === 'text' ? Object.fromEntries(text) : { images: float32Tensor(toFloat32Array(image), image.shape) };
    return (await runGraph({ name, outputs: { features: output } }, feeds))['features']!.data as Float32Array;
  };
  const parts = ['text', ...(hasBoth ? ['siglip', 'resnet'] : [config.visual_backbone])] as string[];
  return { io, parts, features, run };
}

for (const name of listReferenceCases()) {
  describe(`backbones equal the original PyTorch code: ${name}`, () => {
    it('in the standard and the fused lowering, which also equal each other', async (t) => {
      const { io, parts, features, run } = await openCase(name);
      for (const part of parts) {
        const original = toFloat32Array(io.get(`out.${part}_pooled`));
        const standard = await run(part, features[part]!(STANDARD_LOWERING));
        const fused = await run(part, features[part]!(FUSED_LOWERING));
        const differences = [
          maxDifference(standard, original),
          maxDifference(fused, original),
          maxDifference(standard, fused),
        ];
        t.diagnostic(`${part}: standard ${differences[0]}, fused ${differences[1]}, between them ${differences[2]}`);
        assert.ok(
          Math.max(differences[0]!, differences[1]!) <= MAX_DIFFERENCE_TO_ORIGINAL,
          `${part} is off by ${differences}`,
        );
        assert.ok(
          differences[2]! <= MAX_DIFFERENCE_BETWEEN_LOWERINGS,
          `${part}: the lowerings differ by ${differences[2]}`,
        );
      }
    });

    it('nearly, in int8 and fp16', async (t) => {
      const { io, parts, features, run } = await openCase(name);
      for (const part of parts) {
        const original = toFloat32Array(io.get(`out.${part}_pooled`));
        const int8 = cosine(await run(part, features[part]!(INT8_LOWERING)), original);
        const half = cosine(
          await run(part, convertToFloat16({ half: features[part]!(FUSED_LOWERING) })['half']!),
          original,
        );
        t.diagnostic(`${part}: cosine int8 ${int8}, fp16 ${half}`);
        assert.ok(int8 > 0.995 && half > 0.9999, `${part}: int8 ${int8}, fp16 ${half}`);
      }
    });
  });
}

describe('pooled layers of a text encoder', () => {
  const openText = async () => {
    const { io, run, features } = await openCase('both-gate');
    const pooled = (layers: readonly number[], count?: number) =>
      run('text', features['text']!(FUSED_LOWERING, layers, count));
    return { original: toFloat32Array(io.get('out.text_pooled')), pooled };
  };

  it('are the token means of these layers, each of unit length, one after the other', async () => {
    const { original, pooled } = await openText();
    const both = await pooled([2, 1]);
    const last = await pooled([2]);
    const first = await pooled([1], 1);
    const rows = both.length / (2 * WIDTH);
    for (let row = 0; row < rows; row++) {
      const part = (values: Float32Array, index: number) => values.subarray(index * WIDTH, (index + 1) * WIDTH);
      assert.ok(maxDifference(part(both, 2 * row), part(last, row)) < 1e-6);
      assert.ok(maxDifference(part(both, 2 * row + 1), part(first, row)) < 1e-6);
      assert.ok(cosine(part(last, row), part(original, row)) > 0.999999);
      assert.ok(Math.abs(Math.hypot(...part(last, row)) - 1) < 1e-5);
    }
  });

  it('are refused where there is no such layer', async () => {
    const { pooled } = await openText();
    await assert.rejects(async () => pooled([3]), /pooled_layers: there is no layer 3, only 1 to 2/);
  });
});
