import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { defineHeadGraph, type HeadGraph } from '../../../src/architectures/head/head.ts';
import { drawPattern } from '../../../src/embedding/golden/draw-picture.ts';
import { emit } from '../../../src/graph/emit/emit.ts';
import { ModelRuntime } from '../../../src/inference/engine/model-runtime.ts';
import type { EngineItem, EngineResult } from '../../../src/inference/engine-types.ts';
import { type Model, modelFilePath, readModel, toHeadSpec } from '../../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../../src/model/model-folders.ts';
import { loadTokenizer } from '../../../src/preprocess/text-tokenizer.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';
import { float32Tensor } from '../../support/run-graph.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const CPU = { provider: 'cpu', device: 0, threads: 2 } as const;

function vectorBytes({ vectors }: EngineResult): Buffer {
  return Buffer.concat(
    Object.values(vectors).map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

describe('compact', () => {
  let runtime: ModelRuntime;
  let items: EngineItem[];
  before(async () => {
    const model = await readModel(path.join(BUNDLED_MODELS, 'compact'));
    const tokenizer = await loadTokenizer(model);
    runtime = await ModelRuntime.load(model, CPU, 8);
    const texts = [
      'KABOOM!',
      'A young witch and her orange cat sit on a bed',
      'word '.repeat(60),
      null,
      'Where is my potion?',
    ];
    const outputs = ['fused', 'vision', 'text', 'composition'] as const;
    items = texts.map((text, i) => ({
      pixels: i === 2 ? null : drawPattern(i + 2, 224),
      tokens: text === null ? null : tokenizer.encode(text).tokens,
      composition: i % 2 ? Float32Array.of(1, 0.2, 0.1 * i, 0, 0, 0.5, 0.25) : null,
      outputs: outputs.filter((output) =>
        output === 'vision' ? i !== 2 : output === 'text' ? text !== null : output !== 'composition' || i % 2,
      ),
    }));
  });

  it('returns the features that it computes, and the same bytes from features that are known', async () => {
    const computed = await runtime.run(items.map((item) => ({ ...item, wantsFeatures: true })));
    const known = computed.map(({ features }) => features!);
    known.forEach(({ vision, text }, i) => {
      const { pixels, tokens, outputs } = items[i]!;
      const fused = outputs.includes('fused');
      assert.equal(vision !== undefined, pixels !== null && (fused || outputs.includes('vision')));
      assert.equal(text !== undefined, tokens !== null && (fused || outputs.includes('text')));
    });
    const without = items.map((item, i) => ({ ...item, pixels: null, tokens: null, known: known[i]! }));
    // Known ones beside others, and both kinds in one panel.
    const mixed = items.map((item, i) => ({ ...item, pixels: null, known: { vision: known[i]!.vision! } }));
    for (const inputs of [without, [...items, ...without].slice(2, 7), mixed]) {
      const results = await runtime.run(inputs);
      results.forEach((result, i) => {
        const index = [items, without, mixed]
          .map((list) => list.indexOf(inputs[i]! as never))
          .find((found) => found >= 0)!;
        assert.deepEqual(vectorBytes(result), vectorBytes(computed[index]!));
        assert.equal(result.features, undefined);
      });
    }
  });

  it('gives each panel the same bytes alone and beside any others', async () => {
    const alone = await Promise.all(items.map(async (item) => (await runtime.run([item]))[0]!));
    const arrangements = [items, items.toReversed(), [...items, ...items.slice(0, 3)], items.slice(1, 3)];
    for (const arrangement of arrangements) {
      const together = await runtime.run(arrangement);
      together.forEach((result, i) => {
        const single = alone[items.indexOf(arrangement[i]!)]!;
        assert.ok(cosine(result.vectors.fused!, single.vectors.fused!) > 0.99999);
        assert.deepEqual(vectorBytes(result), vectorBytes(single));
      });
    }
  });

  it('gives the same bytes for the same input twice', async () => {
    const [first, second] = [await runtime.run(items), await runtime.run(items)];
    assert.deepEqual(first.map(vectorBytes), second.map(vectorBytes));
  });

  it('tells pictures apart when they come alone', async () => {
    const imageItems = [2, 3, 5, 7].map((pattern) => ({
      ...items[0]!,
      tokens: null,
      pixels: drawPattern(pattern, 224),
      outputs: ['fused'] as const,
    }));
    const vectors = (await runtime.run(imageItems)).map((result) => result.vectors.fused!);
    for (const [i, a] of vectors.entries())
      for (const b of vectors.slice(i + 1)) assert.ok(cosine(a, b) < 0.98, `${cosine(a, b)}`);
  });

  it('fuses a lone picture to the direction of its vision vector', async () => {
    const [result] = await runtime.run([
      { ...items[0]!, tokens: null, composition: null, outputs: ['fused', 'vision'] },
    ]);
    assert.ok(cosine(result!.vectors.fused!, result!.vectors.vision!) > 0.9999);
    assert.deepEqual([...result!.gateWeights!], [1, 0, 0]);
  });
});

describe('reference mode with two backbones', () => {
  let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
  let model: Model;
  let runtime: ModelRuntime;
  before(async () => {
    tinyModel = await makeTinyModel({ mode: 'reference' });
    model = await readModel(tinyModel.folder);
    runtime = await ModelRuntime.load(model, CPU, 4);
  });
  after(() => tinyModel.remove());

  async function runHead(graph: HeadGraph, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
    const weights = await StateDict.read(modelFilePath(model, 'head.safetensors'));
    const session = await ort.InferenceSession.create(emit(defineHeadGraph(graph, weights, toHeadSpec(model.spec))));
    return (await session.run(feeds)) as Record<string, ort.Tensor>;
  }

  async function runEncoder(file: string, feeds: Record<string, ort.Tensor>): Promise<ort.Tensor> {
    const session = await ort.InferenceSession.create(await readFile(modelFilePath(model, file)));
    return (await session.run(feeds))['features'] as ort.Tensor;
  }

  it('fills absent modalities as the PyTorch code does: a zero image, the text "", seven zeros', async () => {
    const tokens = (await loadTokenizer(model)).encode('hello').tokens;
    const [result] = await runtime.run([{ pixels: null, tokens, composition: null, outputs: ['fused', 'text'] }]);
    const zeroImage = { image: float32Tensor(new Float32Array(3 * 64), [1, 3, 8, 8]) };
    const pooled = {
      siglip: await runEncoder('siglip.onnx', zeroImage),
      resnet: await runEncoder('resnet.onnx', zeroImage),
    };
    const { vision } = await runHead('vision', pooled);
    const { composition } = await runHead('composition', { comp_feats: float32Tensor(new Float32Array(7), [1, 7]) });
    const text = float32Tensor(result!.vectors.text!, [1, 16]);
    const mask = float32Tensor([0, 1, 0], [1, 3]);
    const { fused } = await runHead('fusion', {
      vision: vision!,
      text,
      composition: composition!,
      modality_mask: mask,
    });
    assert.ok(maxDifference(result!.vectors.fused!, fused!.data as Float32Array) < 1e-6);
  });

  it('returns the weights of both backbones', async () => {
    const pixels = new Uint8Array(8 * 8 * 3).fill(99);
    const [result] = await runtime.run([{ pixels, tokens: null, composition: null, outputs: ['fused'] }]);
    assert.ok(Math.abs(result!.backboneWeights![0]! + result!.backboneWeights![1]! - 1) < 1e-6);
  });
});
