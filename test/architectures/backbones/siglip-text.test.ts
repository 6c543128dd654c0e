import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { inferSiglipSizes, siglip } from '../../../src/architectures/backbones/siglip.ts';
import { inferSiglipTextSizes, siglipText } from '../../../src/architectures/backbones/siglip-text.ts';
import { imagesInput, tokensInput } from '../../../src/architectures/encoders/code-encoder.ts';
import { FUSED_LOWERING } from '../../../src/architectures/lowering/fused-lowering.ts';
import { INT8_LOWERING } from '../../../src/architectures/lowering/int8-lowering.ts';
import type { Lowering } from '../../../src/architectures/lowering/lowering.ts';
import { STANDARD_LOWERING } from '../../../src/architectures/lowering/standard-lowering.ts';
import { toScores } from '../../../src/embedding/zero-shot.ts';
import { convertToFloat16 } from '../../../src/graph/rewrite/convert-to-float16.ts';
import type { Value } from '../../../src/graph/value.ts';
import { cosineSimilarity } from '../../../src/util/vectors.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { float32View } from '../../../src/weights/tensor.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';
import { toFloat32Array } from '../../support/reference-cases.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';
import { toTextTokenizer } from '../../support/tokenizers.ts';

/** What transformers' SiglipModel computes. PANELVEC_SIGLIP names another folder of the same form, such as one of full size. */
const FIXTURE = path.join(import.meta.dirname, '../../fixtures/siglip');
const FOLDER = process.env['PANELVEC_SIGLIP'] ?? FIXTURE;
const MAX_DIFFERENCE = 1e-4;
/** Tokens of a text of the published model */
const POSITIONS = 64;
const PAD_TOKEN = 1;

const { tensors: io, metadata } = await readSafetensors(path.join(FOLDER, 'io.safetensors'));
const heads = Number(metadata['heads']);
const weights = await StateDict.read(path.join(FOLDER, 'weights.safetensors'));
const [ids, images] = [io.get('input_ids')!, io.get('images')!];

async function run(name: string, output: Value, feed: ort.Tensor): Promise<Float32Array> {
  return (await runGraph({ name, outputs: { output } }, { [name]: feed }))['output']!.data as Float32Array;
}

function textFeatures(lowering: Lowering, convert = (output: Value) => output): Promise<Float32Array> {
  const tower = weights.withPrefix('text_model.');
  const sizes = inferSiglipTextSizes(tower, heads);
  const output = siglipText(tower, sizes, tokensInput(sizes.positions), lowering);
  const feed = new ort.Tensor('int64', new BigInt64Array(ids.bytes.slice().buffer), ids.shape);
  return run('input_ids', convert(output), feed);
}

function imageFeatures(): Promise<Float32Array> {
  const tower = weights.withPrefix('vision_model.');
  const sizes = inferSiglipSizes(tower, heads);
  const output = siglip(tower, sizes, imagesInput(sizes.imageSize), FUSED_LOWERING);
  return run('images', output, float32Tensor(toFloat32Array(images), images.shape));
}

function rowsOf(features: Float32Array, count: number): Float32Array[] {
  const width = features.length / count;
  return Array.from({ length: count }, (_, row) => features.subarray(row * width, (row + 1) * width));
}

describe("SigLIP's text tower equals transformers' SiglipTextModel", () => {
  const expected = toFloat32Array(io.get('text_features'));

  it('in the standard and the fused lowering', async (t) => {
    for (const [name, lowering] of Object.entries({ standard: STANDARD_LOWERING, fused: FUSED_LOWERING })) {
      const features = await textFeatures(lowering);
      const difference = maxDifference(features, expected);
      t.diagnostic(`${name}: largest difference ${difference}, cosine ${cosine(features, expected)}`);
      assert.ok(difference <= MAX_DIFFERENCE, `${name} is off by ${difference}`);
    }
  });

  it('nearly, in int8 and fp16', async (t) => {
    const int8 = cosine(await textFeatures(INT8_LOWERING), expected);
    const half = cosine(
      await textFeatures(FUSED_LOWERING, (output) => convertToFloat16({ output })['output']!),
      expected,
    );
    t.diagnostic(`cosine int8 ${int8}, fp16 ${half}`);
    assert.ok(int8 > 0.99 && half > 0.9999, `int8 ${int8}, fp16 ${half}`);
  });

  it('finds its sizes in the shapes of the weights', { skip: FOLDER !== FIXTURE }, () => {
    const sizes = { width: 24, heads: 4, layers: 2, hidden: 40, vocabulary: 60, positions: 12, features: 24 };
    assert.deepEqual(inferSiglipTextSizes(weights.withPrefix('text_model.'), heads), sizes);
  });
});

it('the sigmoid of cosines of both towers equals the probabilities of SiglipModel', async (t) => {
  const pictures = rowsOf(await imageFeatures(), images.shape[0]!);
  const labels = rowsOf(await textFeatures(FUSED_LOWERING), ids.shape[0]!);
  const [logScale, bias] = ['logit_scale', 'logit_bias'].map((key) => float32View(weights.parameter(key, [1]))[0]!);
  const scoring = { kind: 'sigmoid', temperature: Math.exp(-logScale!), bias: bias! } as const;
  const scores = pictures.flatMap((picture) =>
    toScores(
      labels.map((label) => cosineSimilarity(picture, label)),
      scoring,
    ),
  );
  const expected = toFloat32Array(io.get('probabilities'));
  t.diagnostic(`largest difference ${maxDifference(scores, expected)}`);
  assert.ok(maxDifference(scores, expected) < 1e-5);
  // Random weights of full size give cosines near zero.
  if (FOLDER === FIXTURE) assert.ok(Math.max(...expected) - Math.min(...expected) > 0.1);
});

it("a tokenizer.json with the rules of the published one has the token ids of transformers' SiglipTokenizer", async () => {
  const read = async (name: string) => JSON.parse(await readFile(path.join(FIXTURE, name), 'utf8'));
  const tokenizer = toTextTokenizer(await read('tokenizer.json'), POSITIONS);
  for (const { text, ids: expected } of await read('token-ids.json')) {
    const padded = new Array<number>(POSITIONS).fill(PAD_TOKEN);
    tokenizer.encode(text).tokens.forEach((token, i) => {
      padded[i] = token;
    });
    assert.deepEqual(padded, expected, text);
  }
});
