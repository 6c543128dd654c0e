import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import * as ops from '../../../src/graph/ops/operators.ts';
import { GraphError, input, parameter, type Value } from '../../../src/graph/value.ts';
import { maxDifference, seeded } from '../../support/numeric.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const random = seeded(3);
const numbers = (count: number) => Float32Array.from({ length: count }, random);
const weight = (name: string, shape: readonly number[], values = numbers(shape.reduce((a, b) => a * b, 1))) =>
  parameter(name, 'float32', shape, new Uint8Array(values.buffer));

const [B, T, D, HEADS] = [2, 5, 8, 2];
const x = input('x', 'float32', ['b', 't', D]);
const feeds = { x: float32Tensor(numbers(B * T * D), [B, T, D]) };

async function assertEqual(
  fused: Value,
  unfused: Value,
  extraFeeds: Record<string, ort.Tensor> = {},
  tolerance = 1e-6,
) {
  const run = async (y: Value) => (await runGraph({ name: 'g', outputs: { y } }, { ...feeds, ...extraFeeds }))['y']!;
  const [a, b] = [await run(fused), await run(unfused)];
  assert.deepEqual(a.dims, b.dims);
  const difference = maxDifference(a.data as Float32Array, b.data as Float32Array);
  assert.ok(difference < tolerance, `off by ${difference}`);
}

describe('fused operators of ONNX Runtime equal the operators that they replace', () => {
  const bias = weight('bias', [D]);

  it('BiasGelu and FastGelu', async () => {
    await assertEqual(ops.BiasGelu(x, bias), ops.Gelu(ops.Add(x, bias)));
    await assertEqual(ops.FastGelu(x, bias), ops.Gelu(ops.Add(x, bias), 'tanh'));
  });

  it('SkipLayerNormalization, with and without the sum', async () => {
    const [scale, shift] = [weight('scale', [D]), weight('shift', [D])];
    const sum = ops.Add(ops.Add(x, x), bias);
    const unfused = ops.LayerNormalization(sum, scale, shift, { axis: -1, epsilon: 1e-6 });
    const fused = ops.SkipLayerNormalization({ x, skip: x, scale, shift, bias }, 1e-6);
    await assertEqual(fused.normed, unfused, {}, 1e-5);
    await assertEqual(ops.Add(fused.normed, fused.sum), ops.Add(unfused, sum), {}, 1e-5);
  });

  it('MultiHeadAttention, with a mask and without', async () => {
    const mask = input('mask', 'int32', ['b', 't']);
    const ones = [1, 1, 1, 0, 0, 1, 0, 1, 0, 1];
    const masks = { mask: new ort.Tensor('int32', Int32Array.from(ones), [B, T]) };
    const heads = (y: Value) => ops.Transpose(ops.Reshape(y, [0, 0, HEADS, D / HEADS]), [0, 2, 1, 3]);
    const logits = ops.Mul(
      ops.MatMul(heads(x), ops.Transpose(heads(x), [0, 1, 3, 2])),
      weight('scale', [1], Float32Array.of(0.5)),
    );
    const maskBias = ops.Unsqueeze(
      ops.Mul(
        ops.Sub(ops.Cast(mask, 'float32'), weight('one', [1], Float32Array.of(1))),
        weight('far', [1], Float32Array.of(1e9)),
      ),
      [1, 2],
    );
    const unfusedAttention = (scores: Value) =>
      ops.Reshape(ops.Transpose(ops.MatMul(ops.Softmax(scores, -1), heads(x)), [0, 2, 1, 3]), [0, 0, D]);
    const operands = { query: x, key: x, value: x };
    const options = { numHeads: HEADS, scale: 0.5 };
    await assertEqual(ops.MultiHeadAttention(operands, options), unfusedAttention(logits));
    await assertEqual(
      ops.MultiHeadAttention({ ...operands, mask }, options),
      unfusedAttention(ops.Add(logits, maskBias)),
      masks,
    );
  });

  it('DynamicQuantizeMatMul, within the precision of eight bits', async () => {
    const values = Int8Array.from({ length: D * 3 }, () => Math.round(127 * random()));
    const scales = Float32Array.of(0.01, 0.002, 1);
    const quantised = parameter('values', 'int8', [D, 3], new Uint8Array(values.buffer));
    const product = ops.DynamicQuantizeMatMul(x, { values: quantised, scales: weight('scales', [3], scales) });
    const exact = Float32Array.from(values, (value, i) => value * scales[i % 3]!);
    await assertEqual(product, ops.MatMul(x, weight('exact', [D, 3], exact)), {}, 2.5);
    assert.deepEqual(product.type.shape, ['b', 't', 3]);
  });
});

describe('shape rules of fused operators', () => {
  const cases: readonly [string, () => unknown, RegExp][] = [
    ['a bias of another size', () => ops.FastGelu(x, weight('b', [D + 1])), /sizes of input and bias differ: 9 and 8/],
    [
      'heads that do not divide',
      () => ops.MultiHeadAttention({ query: x, key: x, value: x }, { numHeads: 3, scale: 1 }),
      /3 heads do not divide 8/,
    ],
    [
      'a mask of another shape',
      () =>
        ops.MultiHeadAttention(
          { query: x, key: x, value: x, mask: input('m', 'int32', ['b', 'u']) },
          { numHeads: 2, scale: 1 },
        ),
      /mask does not fit/,
    ],
    [
      'a skip of another shape',
      () =>
        ops.SkipLayerNormalization(
          { x, skip: input('s', 'float32', ['b', 'u', D]), scale: x, shift: x, bias: x },
          1e-6,
        ),
      /differ in shape/,
    ],
    [
      'weights that are no integers',
      () => ops.DynamicQuantizeMatMul(x, { values: weight('w', [D, 3]), scales: weight('s', [3]) }),
      /expected int8/,
    ],
  ];
  for (const [description, build, message] of cases) {
    it(`refuse ${description}`, () => {
      assert.throws(build, (error: Error) => error instanceof GraphError && message.test(error.message));
    });
  }
});
