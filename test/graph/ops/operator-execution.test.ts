import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as ort from 'onnxruntime-node';
import { applyOp, applySingleOutputOp } from '../../../src/graph/ops/apply-op.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import { constant, input, int64Vector, scalar, type Value } from '../../../src/graph/value.ts';
import { maxDifference } from '../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const a = [1, -2, 3, 0.5, -0.25, 4];
const x = input('x', 'float32', ['n', 3]);
const feeds = { x: float32Tensor(a, [2, 3]) };
/** The two rows as pictures of one line */
const images = ops.Reshape(x, [0, 1, 1, 3]);
const toFloats = (value: Value) => ops.Cast(value, 'float32');
const [first, last] = [constant('int64', [1, 3], [0, 0, 0]), constant('int64', [1, 3], [1, -1, 0])];
const ones = constant('float32', [1, 3], [1, 2, 3]);

/** Every operator runs, and means what its ONNX name says. */
const cases: readonly [string, Value, readonly number[]][] = [
  ['Add', ops.Add(x, scalar(1)), a.map((v) => v + 1)],
  ['Sub', ops.Sub(x, scalar(1)), a.map((v) => v - 1)],
  ['Mul', ops.Mul(x, x), a.map((v) => v * v)],
  ['Div', ops.Div(x, scalar(2)), a.map((v) => v / 2)],
  ['Max', ops.Max(x, scalar(0.75)), a.map((v) => Math.max(v, 0.75))],
  ['Where', ops.Where(ops.Greater(x, scalar(0)), x, scalar(9)), a.map((v) => (v > 0 ? v : 9))],
  ['And', toFloats(ops.And(ops.Greater(x, scalar(0)), ops.Greater(scalar(2), x))), [1, 0, 0, 1, 0, 0]],
  ['Not', toFloats(ops.Not(ops.Greater(x, scalar(0)))), a.map((v) => (v > 0 ? 0 : 1))],
  ['Equal', toFloats(ops.Equal(x, ops.Max(x, scalar(1)))), [1, 0, 1, 0, 0, 1]],
  ['Cast', ops.Cast(ops.Cast(x, 'int64'), 'float32'), a.map(Math.trunc)],
  ['Sin', ops.Sin(x), a.map(Math.sin)],
  ['Cos', ops.Cos(x), a.map(Math.cos)],
  ['Exp', ops.Exp(x), a.map(Math.exp)],
  ['Log', ops.Log(ops.Mul(x, x)), a.map((v) => Math.log(v * v))],
  ['Sqrt', ops.Sqrt(ops.Mul(x, x)), a.map(Math.abs)],
  ['Sign', ops.Sign(ops.Relu(ops.Sub(scalar(0), x))), [0, 1, 0, 0, 1, 0]],
  ['Sign of negative numbers', ops.Sign(x), a.map(Math.sign)],
  // Abramowitz and Stegun, table 7.1
  ['Erf', ops.Erf(x), [0.8427008, -0.9953223, 0.9999779, 0.5204999, -0.2763264, 1]],
  ['Identity', applySingleOutputOp('Identity', [x], { detached: false }), a],
  ['Identity, detached', ops.Detach(x), a],
  ['Tanh', ops.Tanh(x), a.map(Math.tanh)],
  ['Relu', ops.Relu(x), a.map((v) => Math.max(v, 0))],
  ['Clip', ops.Clip(x, -1, 2), a.map((v) => Math.min(2, Math.max(-1, v)))],
  ['Gelu', ops.Sub(ops.Gelu(x), ops.Gelu(ops.Mul(x, scalar(-1)))), a],
  ['Gelu (tanh)', ops.Sub(ops.Gelu(x, 'tanh'), ops.Gelu(ops.Mul(x, scalar(-1)), 'tanh')), a],
  ['Softmax', ops.ReduceSum(ops.Softmax(x, 1), [1], false), [1, 1]],
  [
    'LpNormalization',
    ops.ReduceSum(ops.Mul(ops.LpNormalization(x, 1, 2), ops.LpNormalization(x, 1, 2)), [1], false),
    [1, 1],
  ],
  ['ReduceMean', ops.ReduceMean(x, [1], true), [2 / 3, 4.25 / 3]],
  ['ReduceMax', ops.ReduceMax(x, [1], false), [3, 4]],
  ['ReduceMax, kept', ops.Sub(x, ops.ReduceMax(x, [0], true)), [0, -1.75, -1, -0.5, 0, 0]],
  ['Expand to a shape', ops.ExpandLike(constant('float32', [3], [7, 8, 9]), x), [7, 8, 9, 7, 8, 9]],
  [
    'Expand to sizes',
    applySingleOutputOp('Expand', [constant('float32', [2, 1], [1, 2]), int64Vector([2, 2])], {}),
    [1, 1, 2, 2],
  ],
  ['Pad', ops.Pad(x, [0, 1, 0, 2]), [0, 1, -2, 3, 0, 0, 0, 0.5, -0.25, 4, 0, 0]],
  ['Size', toFloats(ops.Size(x)), [6]],
  ['ScatterElements', ops.ScatterElements(x, last, ones, { axis: 0, reduction: 'none' }), [1, -2, 3, 1, 2, 4]],
  [
    'ScatterElements, adding',
    ops.ScatterElements(x, first, ones, { axis: 0, reduction: 'add' }),
    [2, 0, 6, 0.5, -0.25, 4],
  ],
  [
    'ScatterElements, adding several to one',
    ops.ScatterElements(x, constant('int64', [2, 3], [2, 2, -1, 0, 1, 0]), constant('float32', [2, 3], a), {
      axis: 1,
      reduction: 'add',
    }),
    [1, -2, 5, 5, -0.5, 4],
  ],
  ['Slice', ops.Slice(x, [1], [3], [1]), [-2, 3, -0.25, 4]],
  ['Concat and Split', ops.Concat([...ops.Split(x, [1, 2], 1)].reverse(), 1), [-2, 3, 1, -0.25, 4, 0.5]],
  ['Transpose', ops.Transpose(x, [1, 0]), [1, 0.5, -2, -0.25, 3, 4]],
  ['Reshape', ops.Reshape(x, [-1, 1]), a],
  ['Flatten', ops.Flatten(ops.Unsqueeze(x, [2]), 1), a],
  ['Gather', ops.Gather(x, constant('int64', [2], [2, 0]), 1), [3, 1, 4, 0.5]],
  ['Shape', ops.Cast(ops.Shape(x), 'float32'), [2, 3]],
  ['Range', ops.Range(scalar(0), scalar(3), scalar(1)), [0, 1, 2]],
  ['MatMul', ops.MatMul(x, ops.Transpose(x, [1, 0])), [14, 13, 13, 16.3125]],
  ['Gemm', ops.Gemm(x, x, scalar(1), { transA: true }), [2.25, -1.125, 6, -1.125, 5.0625, -6, 6, -6, 26]],
  [
    'LayerNormalization',
    ops.ReduceMean(
      ops.LayerNormalization(x, constant('float32', [3], [1, 1, 1]), constant('float32', [3], [5, 5, 5]), {
        axis: -1,
        epsilon: 1e-5,
      }),
      [1],
      false,
    ),
    [5, 5],
  ],
  [
    'BatchNormalization',
    ops.BatchNormalization(
      x,
      {
        scale: constant('float32', [3], [2, 2, 2]),
        bias: constant('float32', [3], [1, 1, 1]),
        mean: constant('float32', [3], [0, 1, 2]),
        variance: constant('float32', [3], [1, 4, 1]),
      },
      0,
    ),
    [3, -2, 3, 2, -0.25, 5],
  ],
  [
    'MaxPool',
    ops.MaxPool(ops.Reshape(x, [0, 1, 1, 3]), { kernel: [1, 2], strides: [1, 1], padding: [0, 0, 0, 1] }),
    [1, 3, 3, 0.5, 4, 4],
  ],
  [
    'Conv and GlobalAveragePool',
    ops.GlobalAveragePool(
      ops.Conv(ops.Reshape(x, [0, 1, 1, 3]), constant('float32', [1, 1, 1, 1], [2]), constant('float32', [1], [1]), {
        strides: [1, 1],
        group: 1,
        padding: 'same',
      }),
    ),
    [4 / 3 + 1, 8.5 / 3 + 1],
  ],
];

describe('operators on ONNX Runtime', () => {
  for (const [name, value, expected] of cases) {
    it(name, async () => {
      const outputs = await runGraph({ name: 'case', outputs: { y: value } }, dependsOnX(value) ? feeds : {});
      assert.ok(maxDifference(outputs['y']!.data as Float32Array, expected) < 2e-5, `got ${outputs['y']!.data}`);
    });
  }
});

it('Conv keeps strides, groups and pads apart', async () => {
  const image = input('image', 'float32', [1, 2, 2, 3]);
  const kernel = constant('float32', [2, 1, 1, 2], [1, 10, 100, 1000]);
  const options = { strides: [2, 1], group: 2, padding: [0, 1, 1, 0] } as const;
  const outputs = await runGraph(
    { name: 'case', outputs: { y: ops.Conv(image, kernel, undefined, options) } },
    { image: float32Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1], [1, 2, 2, 3]) },
  );
  assert.deepEqual(outputs['y']!.dims, [1, 2, 2, 3]);
  assert.deepEqual([...(outputs['y']!.data as Float32Array)], [10, 21, 32, 0, 0, 0, 7000, 8700, 9800, 0, 0, 0]);
});

it('Conv with dilations reads elements with gaps between them', async () => {
  const kernel = constant('float32', [1, 1, 1, 2], [1, 10]);
  const y = ops.Conv(images, kernel, undefined, {
    strides: [1, 1],
    dilations: [1, 2],
    group: 1,
    padding: [0, 1, 0, 0],
  });
  const outputs = await runGraph({ name: 'case', outputs: { y } }, feeds);
  assert.deepEqual(outputs['y']!.dims, [2, 1, 1, 2]);
  assert.deepEqual([...(outputs['y']!.data as Float32Array)], [-20, 31, -2.5, 40.5]);
});

it('ConvTranspose puts kernels a stride apart, cuts off the pads and adds the output padding', async () => {
  const kernel = constant('float32', [1, 1, 1, 2], [1, 10]);
  const options = { strides: [1, 2], group: 1, padding: [0, 1, 0, 0], outputPadding: [0, 1] } as const;
  const outputs = await runGraph({ name: 'case', outputs: { y: ops.ConvTranspose(images, kernel, options) } }, feeds);
  assert.deepEqual(outputs['y']!.dims, [2, 1, 1, 6]);
  assert.deepEqual([...(outputs['y']!.data as Float32Array)], [10, -2, -20, 3, 30, 0, 5, -0.25, -2.5, 4, 40, 0]);
});

it('ConvTranspose keeps groups apart', async () => {
  const image = input('image', 'float32', [1, 2, 1, 3]);
  const kernel = constant('float32', [2, 1, 1, 1], [1, 100]);
  const options = { strides: [1, 1], group: 2, padding: [0, 0, 0, 0], outputPadding: [0, 0] } as const;
  const y = ops.ConvTranspose(image, kernel, options);
  const outputs = await runGraph({ name: 'case', outputs: { y } }, { image: float32Tensor(a, [1, 2, 1, 3]) });
  assert.deepEqual(outputs['y']!.dims, [1, 2, 1, 3]);
  assert.deepEqual([...(outputs['y']!.data as Float32Array)], [1, -2, 3, 50, -25, 400]);
});

it('MaxPool returns the index of each maximum in the whole input', async () => {
  const options = { kernel: [1, 2], strides: [1, 1], padding: [0, 0, 0, 0] } as const;
  const [pooled, indices] = applyOp('MaxPool', [images], options);
  const outputs = await runGraph({ name: 'case', outputs: { pooled, places: indices } }, feeds);
  assert.deepEqual([...(outputs['pooled']!.data as Float32Array)], [1, 3, 0.5, 4]);
  assert.deepEqual([...(outputs['places']!.data as BigInt64Array)], [0n, 2n, 3n, 5n]);
});

it('LayerNormalization returns mean and inverse deviation, always in float32', async () => {
  const epsilon = 0.5;
  const means = [2 / 3, 4.25 / 3];
  const inverses = means.map((mean, row) => {
    const variance = a.slice(3 * row, 3 * row + 3).reduce((sum, v) => sum + (v - mean) ** 2, 0) / 3;
    return 1 / Math.sqrt(variance + epsilon);
  });
  for (const dtype of ['float32', 'float64'] as const) {
    const [scale, bias] = [constant(dtype, [3], [1, 1, 1]), constant(dtype, [3], [0, 0, 0])];
    const inputs = [ops.Cast(x, dtype), scale, bias] as const;
    const [y, mean, inverse] = applyOp('LayerNormalization', inputs, { axis: -1, epsilon });
    const outputs = await runGraph({ name: 'case', outputs: { y, mean, inverse } }, feeds);
    assert.equal(outputs['y']!.type, dtype);
    for (const [name, expected] of [
      ['mean', means],
      ['inverse', inverses],
    ] as const) {
      assert.equal(outputs[name]!.type, 'float32');
      assert.deepEqual(outputs[name]!.dims, [2, 1]);
      assert.ok(maxDifference(outputs[name]!.data as Float32Array, expected) < 1e-6);
    }
  }
});

it('Gelu in its tanh form differs from the exact one', async () => {
  const y = ops.Gelu(x, 'tanh');
  const outputs = await runGraph({ name: 'case', outputs: { y } }, feeds);
  const expected = a.map((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))));
  assert.ok(maxDifference(outputs['y']!.data as Float32Array, expected) < 1e-6);
});

function dependsOnX(value: Value): boolean {
  if (value === x) return true;
  return value.kind === 'result' && value.node.inputs.some((operand) => operand !== undefined && dependsOnX(operand));
}

it('keeps the element types of constants', async () => {
  const y = ops.Add(ops.Cast(x, 'float64'), constant('float64', [], [0.1]));
  const { y: result } = await runGraph({ name: 'case', outputs: { y } }, feeds);
  assert.equal(result!.type, 'float64' satisfies ort.Tensor.Type);
  assert.equal((result!.data as Float64Array)[0], 1.1);
});
