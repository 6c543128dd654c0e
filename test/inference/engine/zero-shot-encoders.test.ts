import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { inferSiglipTextSizes, siglipText } from '../../../src/architectures/backbones/siglip-text.ts';
import { readEncoderWeights, tokensInput } from '../../../src/architectures/encoders/code-encoder.ts';
import { STANDARD_LOWERING } from '../../../src/architectures/lowering/standard-lowering.ts';
import { drawPattern, drawPicture } from '../../../src/embedding/golden/draw-picture.ts';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import type { EngineItem } from '../../../src/inference/engine-types.ts';
import { modelFilePath } from '../../../src/model/model.ts';
import type { ZeroShotTextSpec } from '../../../src/model/zero-shot-spec.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { maxDifference } from '../../support/numeric.ts';
import { runGraph } from '../../support/run-graph.ts';
import { makeSmallStage3 } from '../../support/small-stage3.ts';

const CPU = { provider: 'cpu', device: 0, threads: 2 } as const;

let small: Awaited<ReturnType<typeof makeSmallStage3>>;
let text: ZeroShotTextSpec;
let runtime: ModelRuntime;
let labels: Int32Array[];
before(async () => {
  small = await makeSmallStage3();
  text = small.model.spec.zero_shot!.text!;
  runtime = await ModelRuntime.load(small.model, CPU, 4);
  const tokenizer = await loadTokenizer(small.model, text);
  labels = ['A cat!', 'a rainy street', 'x'.repeat(200)].map((label) => tokenizer.encode(label).tokens);
});
after(() => small.remove());

function toItem(content: Partial<EngineItem>): EngineItem {
  return { pixels: null, tokens: null, composition: null, outputs: ['zero_shot'], ...content };
}

async function encode(items: readonly EngineItem[]): Promise<Float32Array[]> {
  return (await runtime.run(items)).map(({ vectors }) => vectors.zero_shot!);
}

describe('features of labels and pictures', () => {
  it('are those of the text tower over tokens that are padded to all positions', async () => {
    const { encoder, max_tokens: length } = text;
    const weights = await readEncoderWeights(modelFilePath(small.model, encoder.weights), encoder.prefix);
    const output = siglipText(
      weights,
      inferSiglipTextSizes(weights, encoder.heads),
      tokensInput(length),
      STANDARD_LOWERING,
    );
    const features = await encode(labels.map((tokens) => toItem({ tokens })));
    for (const [i, tokens] of labels.entries()) {
      const ids = new BigInt64Array(length).fill(1n);
      ids.set(BigInt64Array.from(tokens, BigInt));
      const feed = new ort.Tensor('int64', ids, [1, length]);
      const expected = (await runGraph({ name: 'text', outputs: { output } }, { input_ids: feed }))['output']!;
      assert.ok(maxDifference(features[i]!, expected.data as Float32Array) < 1e-5);
    }
    assert.equal(labels[2]!.length, length);
  });

  it('are the pooled features of the backbone that was trained with it', async () => {
    const pixels = drawPattern(1, small.model.spec.vision.image_size);
    const [features] = await encode([toItem({ pixels })]);
    const [result] = await runtime.run([toItem({ pixels, outputs: ['vision'], wantsFeatures: true })]);
    assert.deepEqual(features, result!.features!.vision!['siglip']);
    assert.equal(result!.vectors.zero_shot, undefined);
  });

  it('are those of the whole picture where a model has several views', async () => {
    const { spec } = small.model;
    const vision = { ...spec.vision, grid_views: 5 as const };
    const viewed = await ModelRuntime.load({ ...small.model, spec: { ...spec, vision } }, CPU, 2);
    const [result] = await viewed.run([toItem({ pixels: drawPicture(1, vision) })]);
    const [whole] = await encode([toItem({ pixels: drawPattern(1, vision.image_size) })]);
    assert.deepEqual(result!.vectors.zero_shot, whole);
  });

  it('are the same bytes alone and beside any others', async () => {
    const pixels = [1, 2].map((number) => drawPattern(number, small.model.spec.vision.image_size));
    const items = [
      toItem({ tokens: labels[0]! }),
      toItem({ pixels: pixels[0]! }),
      toItem({ tokens: labels[1]! }),
      toItem({ pixels: pixels[1]!, outputs: ['zero_shot', 'fused'] }),
    ];
    const together = await encode(items);
    for (const [i, item] of items.entries()) assert.deepEqual((await encode([item]))[0], together[i]);
  });
});
