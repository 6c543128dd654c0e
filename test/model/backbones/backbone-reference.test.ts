import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { toHalf } from '../../../src/graph/rewrite/half.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { bert, bertSizes } from '../../../src/model/backbones/bert.ts';
import { resnet, resnetSizes } from '../../../src/model/backbones/resnet.ts';
import { siglip, siglipSizes } from '../../../src/model/backbones/siglip.ts';
import type { Form } from '../../../src/model/forms/form.ts';
import { FUSED } from '../../../src/model/forms/fused.ts';
import { INT8 } from '../../../src/model/forms/int8.ts';
import { PLAIN } from '../../../src/model/forms/plain.ts';
import { Checkpoint } from '../../../src/weights/checkpoint.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { cosine, maxDifference } from '../../support/numbers.ts';
import { floats, REFERENCE, referenceCases } from '../../support/reference.ts';
import { float32, runGraph } from '../../support/sessions.ts';

const FROM_ORIGINAL = 1e-4;
const BETWEEN_FORMS = 1e-5;

async function open(name: string) {
  const { tensors: io, metadata } = await readSafetensors(path.join(REFERENCE, name, 'io.safetensors'));
  const config = JSON.parse(metadata['config']!);
  const weights = await Checkpoint.read(path.join(REFERENCE, name, 'weights.safetensors'));
  const both = config.visual_backbone === 'both';
  const image = io.get('in.images')!;
  const side = image.shape[2]!;
  const images = input('images', 'float32', ['n', 3, side, side]);
  const [ids, mask] = ['input_ids', 'attention_mask'].map((key) => input(key, 'int64', ['n', 't'])) as [Value, Value];
  const text = ['input_ids', 'attention_mask'].map((key) => {
    const { bytes, shape } = io.get(`in.${key}`)!;
    return [key, new ort.Tensor('int64', new BigInt64Array(bytes.buffer), shape)];
  });
  const features: Record<string, (form: Form) => Value> = {
    siglip: (form) => {
      const tower = weights.within(`vision.${both ? 'siglip.' : ''}siglip.vision_model.`);
      return siglip(tower, siglipSizes(tower, config.sizes.siglip.heads), images, form);
    },
    resnet: () => {
      const net = weights.within(`vision.${both ? 'resnet.' : ''}resnet.`);
      return resnet(net, resnetSizes(net), images);
    },
    text: (form) => {
      const encoder = weights.within('text.encoder.');
      return bert(encoder, bertSizes(encoder, config.sizes.bert.heads), ids, mask, form);
    },
  };
  const run = async (name: string, output: Value) => {
    const feeds = name === 'text' ? Object.fromEntries(text) : { images: float32(floats(image), image.shape) };
    return (await runGraph({ name, outputs: { features: output } }, feeds))['features']!.data as Float32Array;
  };
  const parts = ['text', ...(both ? ['siglip', 'resnet'] : [config.visual_backbone])] as string[];
  return { io, parts, features, run };
}

for (const name of referenceCases()) {
  describe(`backbones equal the original: ${name}`, () => {
    it('in both forms, and both forms each other', async (t) => {
      const { io, parts, features, run } = await open(name);
      for (const part of parts) {
        const original = floats(io.get(`out.${part}_pooled`));
        const plain = await run(part, features[part]!(PLAIN));
        const fused = await run(part, features[part]!(FUSED));
        const far = [maxDifference(plain, original), maxDifference(fused, original), maxDifference(plain, fused)];
        t.diagnostic(`${part}: plain ${far[0]}, fused ${far[1]}, between them ${far[2]}`);
        assert.ok(Math.max(far[0]!, far[1]!) <= FROM_ORIGINAL, `${part} is off by ${far}`);
        assert.ok(far[2]! <= BETWEEN_FORMS, `${part}: the forms differ by ${far[2]}`);
      }
    });

    it('nearly, in eight-bit integers and in half precision', async (t) => {
      const { io, parts, features, run } = await open(name);
      for (const part of parts) {
        const original = floats(io.get(`out.${part}_pooled`));
        const int8 = cosine(await run(part, features[part]!(INT8)), original);
        const half = cosine(await run(part, toHalf({ half: features[part]!(FUSED) })['half']!), original);
        t.diagnostic(`${part}: cosine int8 ${int8}, fp16 ${half}`);
        assert.ok(int8 > 0.995 && half > 0.9999, `${part}: int8 ${int8}, fp16 ${half}`);
      }
    });
  });
}
