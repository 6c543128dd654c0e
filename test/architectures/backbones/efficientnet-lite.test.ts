import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  efficientnetLite,
  inferEfficientnetLiteSizes,
} from '../../../src/architectures/backbones/efficientnet-lite.ts';
import { gradients } from '../../../src/autodiff/gradients.ts';
import { drawPattern } from '../../../src/embedding/golden/draw-picture.ts';
import { Mul, ReduceSum } from '../../../src/graph/ops/operators.ts';
import { convertToFloat16 } from '../../../src/graph/rewrite/convert-to-float16.ts';
import { input, type Value } from '../../../src/graph/value.ts';
import { visualBatchSizes } from '../../../src/inference/engine/batch-sizes.ts';
import { VisualEncoder } from '../../../src/inference/engine/visual-encoder.ts';
import type { Model } from '../../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../../src/model/model-folders.ts';
import type { BackboneSpec } from '../../../src/model/model-spec.ts';
import { concatenateFloats } from '../../../src/util/arrays.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { StateDict } from '../../../src/weights/state-dict.ts';
import { maxRelativeError } from '../../support/central-differences.ts';
import { cosine, maxDifference } from '../../support/numeric.ts';
import { toFloat32Array } from '../../support/reference-cases.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const FOLDER = path.join(import.meta.dirname, '../../fixtures/efficientnet-lite');
const MAX_DIFFERENCE_TO_PYTORCH = 1e-4;
/** Relative to the largest element */
const MAX_GRADIENT_ERROR = 1e-4;

const { tensors: io } = await readSafetensors(path.join(FOLDER, 'io.safetensors'));
const [images, features] = [io.get('images')!, toFloat32Array(io.get('features'))];
const { tensors: stored } = await readSafetensors(path.join(FOLDER, 'weights.safetensors'));

function build(weights: StateDict): Value {
  const pixels = input('images', 'float32', ['n', ...images.shape.slice(1)]);
  return efficientnetLite(weights, inferEfficientnetLiteSizes(weights), pixels);
}

async function run(output: Value): Promise<Float32Array> {
  const feeds = { images: float32Tensor(toFloat32Array(images), images.shape) };
  return (await runGraph({ name: 'efficientnet', outputs: { output } }, feeds))['output']!.data as Float32Array;
}

const rgb = (value: number): [number, number, number] => [value, value, value];

/** A backbone of a model that has nothing else. */
function loadEncoder(folder: string, size: number, backbone: BackboneSpec): Promise<VisualEncoder> {
  const vision = { image_size: size, grid_views: 1, backbones: [backbone] };
  const model = { folder, spec: { vision } } as unknown as Model;
  const options = { provider: 'cpu', device: 0, threads: 2 } as const;
  return VisualEncoder.load(model, backbone, options, visualBatchSizes(backbone.encoder, 'cpu', 8));
}

describe('EfficientNet-Lite', () => {
  it('equals efficientnet-lite-pytorch, with sides that are odd where it strides', async () => {
    const difference = maxDifference(await run(build(new StateDict('fixture', stored))), features);
    assert.ok(difference <= MAX_DIFFERENCE_TO_PYTORCH, `off by ${difference}`);
  });

  it('nearly does in half precision', async () => {
    const half = convertToFloat16({ output: build(new StateDict('fixture', stored)) })['output']!;
    assert.ok(cosine(await run(half), features) > 0.9999);
  });

  it('finds depth, width and strides in the shapes of the weights', () => {
    const { stem, blocks, features: width } = inferEfficientnetLiteSizes(new StateDict('fixture', stored));
    assert.deepEqual([stem, width], [4, 160]);
    assert.deepEqual(
      blocks.map(({ stride }) => stride),
      [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1],
    );
    assert.deepEqual(blocks[3], { inner: 24, out: 6, kernel: 5, stride: 2, isExpanding: true });
    assert.equal(blocks[0]!.isExpanding, false);
  });

  it('refuses weights with another number of stages', () => {
    const withoutLastBlock = new Map([...stored].filter(([key]) => !key.startsWith('_blocks.15.')));
    assert.throws(() => inferEfficientnetLiteSizes(new StateDict('fixture', withoutLastBlock)), {
      code: 'weights_invalid',
      message: /changes 6 times, in EfficientNet-Lite 7 times/,
    });
  });

  it('is an encoder of a model, and gives each picture the same bytes alone and beside others', async () => {
    const encoder = {
      kind: 'efficientnet_lite',
      weights: 'weights.safetensors',
      prefix: '',
      precision: 'fp32',
    } as const;
    const backbone = { name: 'only', encoder, features: 160, mean: rgb(0.5), std: rgb(0.5) };
    const visualEncoder = await loadEncoder(FOLDER, 40, backbone);
    const pictures = [2, 3, 4, 5, 6].map((pattern) => drawPattern(pattern, 40));
    const alone = await Promise.all(pictures.map((picture) => visualEncoder.encode([picture])));
    assert.deepEqual([...(await visualEncoder.encode(pictures))], [...concatenateFloats(alone)]);
    assert.notDeepEqual(alone[0], alone[1]);
  });

  it('Lite1, as it is shipped, is close to the published weights in PyTorch', async () => {
    const { tensors } = await readSafetensors(path.join(FOLDER, 'lite1.safetensors'));
    const expected = toFloat32Array(tensors.get('features'));
    const encoder = {
      kind: 'efficientnet_lite',
      weights: 'efficientnet_lite1.safetensors',
      prefix: '',
      precision: 'fp32',
    } as const;
    const backbone = { name: 'lite1', encoder, features: 1280, mean: rgb(127 / 255), std: rgb(128 / 255) };
    const actual = await (await loadEncoder(path.join(BUNDLED_MODELS, 'compact'), 224, backbone)).encode([
      drawPattern(3, 224),
    ]);
    assert.ok(cosine(actual, expected) > 0.9999, `${cosine(actual, expected)}`);
  });

  it('has the gradients of PyTorch', async () => {
    const weights = new StateDict('fixture', stored);
    const factors = input('factors', 'float32', ['n', features.length / images.shape[0]!]);
    const loss = ReduceSum(Mul(build(weights), factors), [0, 1], false);
    const keys = [...io.keys()].flatMap((key) => /^gradient\.(.*)/.exec(key)?.[1] ?? []);
    const variables = keys.map((key) => weights.parameter(key, stored.get(key)!.shape));
    const outputs = Object.fromEntries(
      gradients(loss, variables).map((gradient, i) => [`gradient.${keys[i]}`, gradient!]),
    );
    const results = await runGraph(
      { name: 'gradients', outputs },
      {
        images: float32Tensor(toFloat32Array(images), images.shape),
        factors: float32Tensor(toFloat32Array(io.get('factors')), io.get('factors')!.shape),
      },
    );
    assert.equal(keys.length, 4);
    for (const key of keys) {
      const error = maxRelativeError(
        results[`gradient.${key}`]!.data as Float32Array,
        toFloat32Array(io.get(`gradient.${key}`)),
      );
      assert.ok(error < MAX_GRADIENT_ERROR, `${key} is off by ${error}`);
    }
  });
});
