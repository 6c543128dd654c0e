import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { TextEncoder } from '../../../src/inference/engine/text-encoder.ts';
import { modelFilePath, readModel } from '../../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../../src/model/model-folders.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';

/** The bundled weights are quantised; their vectors may differ by this angle. */
const MIN_COSINE = 0.999;
const SIZE = 224;

const model = await readModel(path.join(BUNDLED_MODELS, 'compact'));
const golden: {
  image: { features_first_16: number[]; features_sum: number };
  text: { text: string; ids: number[]; embedding: number[] }[];
} = JSON.parse(await readFile(modelFilePath(model, model.spec.golden!), 'utf8'));

/** golden.json's `image.input` */
function goldenImage(): Float32Array {
  return Float32Array.from({ length: 3 * SIZE * SIZE }, (_, offset) => {
    const [channel, y, x] = [Math.floor(offset / SIZE ** 2), Math.floor(offset / SIZE) % SIZE, offset % SIZE];
    return 0.5 + 0.5 * Math.sin(0.05 * (channel + 1) * x + 0.07 * y);
  });
}

describe('the encoders of compact equal the original TensorFlow.js models', () => {
  it('MobileNetV2, nearly exactly: its weights are stored as in the original', async () => {
    const { encoder } = model.spec.vision.backbones[0]!;
    assert.ok(encoder.kind === 'onnx');
    const { file, input, output } = encoder;
    const session = await ort.InferenceSession.create(modelFilePath(model, file));
    const outputs = await session.run({ [input]: new ort.Tensor('float32', goldenImage(), [1, 3, SIZE, SIZE]) });
    const features = outputs[output]!.data as Float32Array;
    assert.ok(maxDifference(features.subarray(0, 16), golden.image.features_first_16) < 2e-4);
    assert.ok(Math.abs(features.reduce((a, b) => a + b) - golden.image.features_sum) < 0.02);
    assert.ok(cosine(features.subarray(0, 16), golden.image.features_first_16) > MIN_COSINE);
    await session.release();
  });

  it('tokenizer, exactly', async () => {
    const tokenizer = await loadTokenizer(model);
    for (const { text, ids } of golden.text) assert.deepEqual([...tokenizer.encode(text).tokens], ids, text);
  });

  it('Universal Sentence Encoder Lite', async (t) => {
    const encoder = await TextEncoder.load(
      model,
      model.spec.text,
      { provider: 'cpu', device: 0, threads: 2 },
      [2, 4, 8],
    );
    const vectors = await encoder.encode(golden.text.map(({ ids }) => Int32Array.from(ids)));
    const cosines = golden.text.map(({ embedding }, i) => {
      return cosine(vectors.subarray(i * embedding.length, (i + 1) * embedding.length), embedding);
    });
    t.diagnostic(`smallest cosine ${Math.min(...cosines)}`);
    assert.ok(Math.min(...cosines) > MIN_COSINE);
  });
});
