import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { toOnnxModel } from '../../../src/graph/emit/emit.ts';
import { encodeOnnxModel } from '../../../src/graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../../../src/graph/emit/onnx-schema.ts';
import {
  Add,
  BatchNormalization,
  Clip,
  Conv,
  Flatten,
  GlobalAveragePool,
  MaxPool,
  Relu,
} from '../../../src/graph/ops/operators.ts';
import { foldBatchNorms } from '../../../src/graph/quantise/fold-batch-norms.ts';
import { keepOutputs } from '../../../src/graph/quantise/keep-outputs.ts';
import type { Activation } from '../../../src/graph/quantise/quantisation.ts';
import { convolutionNames, observedTensors, quantiseGraph } from '../../../src/graph/quantise/quantise-graph.ts';
import { input, parameter, type Value } from '../../../src/graph/value.ts';
import { SeededRandom } from '../../../src/util/seeded-random.ts';
import { cosineSimilarity } from '../../../src/util/vectors.ts';

const SIDE = 12;
const random = new SeededRandom(5);
const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const weights = (name: string, shape: readonly number[], values: Float32Array) =>
  parameter(name, 'float32', shape, new Uint8Array(values.buffer));

function convolve(name: string, x: Value, out: number, kernel: number, group = 1): Value {
  const inputs = (x.type.shape[1] as number) / group;
  const weight = weights(`${name}.weight`, [out, inputs, kernel, kernel], draw(out * inputs * kernel ** 2));
  const convolved = Conv(x, weight, undefined, { strides: [1, 1], group, padding: 'same' });
  const vector = (key: string, values: Float32Array) => weights(`${name}.${key}`, [out], values);
  const statistics = {
    scale: vector('scale', draw(out)),
    bias: vector('bias', draw(out)),
    mean: vector('mean', draw(out)),
    variance: vector(
      'variance',
      draw(out).map((value) => value ** 2 + 5),
    ),
  };
  return BatchNormalization(convolved, statistics, 1e-3);
}

/** A network with everything that can be quantised: dense and depthwise convolutions, both activations, a sum, a pool. */
function network(): OnnxModel {
  const images = input('images', 'float32', ['n', 3, SIDE, SIDE]);
  const stem = Clip(convolve('stem', images, 8, 3), 0, 6);
  const pooled = MaxPool(stem, { kernel: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] });
  const depthwise = Relu(convolve('depthwise', pooled, 8, 3, 8));
  const sum = Relu(Add(convolve('pointwise', depthwise, 8, 1), pooled));
  return toOnnxModel({ name: 'network', outputs: { features: Flatten(GlobalAveragePool(sum), 1) } });
}

async function run(model: OnnxModel, images: Float32Array): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(encodeOnnxModel(model), { intraOpNumThreads: 1 });
  const rows = images.length / (3 * SIDE ** 2);
  const outputs = await session.run({ images: new ort.Tensor('float32', images, [rows, 3, SIDE, SIDE]) });
  await session.release();
  return outputs as Record<string, ort.Tensor>;
}

async function observe(model: OnnxModel, images: Float32Array): Promise<Map<string, Activation>> {
  const outputs = await run(keepOutputs(model, observedTensors(model)), images);
  return new Map(
    Object.entries(outputs).map(([name, { data, dims }]) => {
      const values = data as Float32Array;
      const [rows = 1, channels = 1] = dims;
      const channelMeans = new Float64Array(channels);
      const area = values.length / rows / channels;
      values.forEach((value, i) => {
        channelMeans[Math.floor(i / area) % channels]! += value / rows / area;
      });
      return [name, { min: Math.min(...values), max: Math.max(...values), channelMeans }];
    }),
  );
}

const featuresOf = async (model: OnnxModel, images: Float32Array) =>
  (await run(model, images))['features']!.data as Float32Array;

const original = network();
const folded = foldBatchNorms(original);
const pictures = draw(16 * 3 * SIDE ** 2);
const activations = await observe(folded, pictures);
function countOps({ graph }: OnnxModel): Record<string, number> {
  const byOperator = Map.groupBy(graph!.node, ({ opType }) => opType);
  return Object.fromEntries([...byOperator].map(([operator, nodes]) => [operator, nodes.length]));
}

describe('foldBatchNorms', () => {
  it('keeps what a network computes', async () => {
    assert.equal(countOps(folded)['BatchNormalization'], undefined);
    const [before, after] = [await featuresOf(original, pictures), await featuresOf(folded, pictures)];
    for (const [i, value] of before.entries()) assert.ok(Math.abs(value - after[i]!) < 1e-4, `${value} ${after[i]}`);
  });
});

describe('quantiseGraph', () => {
  const quantised = quantiseGraph(folded, activations);

  it('computes convolutions, activations, sums and pools in integers', () => {
    assert.deepEqual(countOps(quantised), {
      QuantizeLinear: 1,
      QLinearConv: 3,
      MaxPool: 1,
      QLinearAdd: 1,
      DequantizeLinear: 1,
      GlobalAveragePool: 1,
      Flatten: 1,
    });
  });

  it('keeps the features of each picture', async () => {
    const [floats, integers] = [await featuresOf(folded, pictures), await featuresOf(quantised, pictures)];
    for (let row = 0; row < 16; row++) {
      const slice = (values: Float32Array) => values.slice(row * 8, (row + 1) * 8);
      const cosine = cosineSimilarity(slice(floats), slice(integers));
      assert.ok(cosine > 0.999, `picture ${row}: ${cosine}`);
    }
  });

  it('gives a picture the same bytes alone and among others', async () => {
    const together = await featuresOf(quantised, pictures);
    const size = 3 * SIDE ** 2;
    const alone = await featuresOf(quantised, pictures.slice(5 * size, 6 * size));
    assert.deepEqual(alone, together.slice(5 * 8, 6 * 8));
  });

  it('leaves what is excluded in floats', () => {
    const mixed = countOps(quantiseGraph(folded, activations, new Set(convolutionNames(folded).slice(0, 1))));
    assert.deepEqual([mixed['Conv'], mixed['QLinearConv']], [1, 2]);
  });

  it('names a tensor whose range is missing', () => {
    const incomplete = new Map([...activations].slice(1));
    assert.throws(() => quantiseGraph(folded, incomplete), /the range of the tensor "images" is not known/);
  });
});

describe('keepOutputs', () => {
  it('leaves out what the outputs do not need, and names a tensor that there is not', () => {
    const [stem = ''] = convolutionNames(folded);
    assert.deepEqual(countOps(keepOutputs(folded, [stem])), { Conv: 1 });
    assert.throws(() => keepOutputs(folded, ['nothing']), /no tensor "nothing"/);
  });
});
