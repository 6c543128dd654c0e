import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GraphError } from '../../../src/graph/graph-error.ts';
import * as ops from '../../../src/graph/ops/index.ts';
import { constant, input, scalar, type Value } from '../../../src/graph/value.ts';

const x = input('x', 'float32', ['n', 3, 8, 8]);
const rows = input('rows', 'float32', ['n', 6]);
const ids = input('ids', 'int64', ['n', 't']);

function shapeOf(value: Value) {
  return value.type.shape;
}

describe('shape inference', () => {
  it('keeps unknown sizes through products, convolutions and pools', () => {
    const weight = input('w', 'float32', [5, 3, 3, 3]);
    const options = { strides: [2, 2], group: 1, padding: [1, 1, 1, 1] } as const;
    const convolved = ops.Conv(x, weight, undefined, options);
    assert.deepEqual(shapeOf(convolved), ['n', 5, 4, 4]);
    assert.deepEqual(shapeOf(ops.Conv(x, weight, undefined, { ...options, padding: 'same' })), ['n', 5, 4, 4]);
    assert.deepEqual(shapeOf(ops.Flatten(ops.GlobalAveragePool(convolved), 1)), ['n', 5]);
    assert.deepEqual(shapeOf(ops.Gemm(rows, input('b', 'float32', [2, 6]), undefined, { transB: true })), ['n', 2]);
  });

  it('reshapes with copied and left-over sizes', () => {
    assert.deepEqual(shapeOf(ops.Reshape(rows, [0, 2, -1])), ['n', 2, 3]);
    assert.deepEqual(shapeOf(ops.Reshape(rows, [-1])), ['6*n']);
    assert.deepEqual(shapeOf(ops.Reshape(ops.Reshape(rows, [-1]), [-1, 6])), ['n', 6]);
  });

  it('slices, splits, joins and turns', () => {
    assert.deepEqual(shapeOf(ops.Slice(rows, [1], [-1], [1])), ['n', 4]);
    const parts = ops.Split(rows, [2, 4], 1);
    assert.deepEqual(parts.map(shapeOf), [
      ['n', 2],
      ['n', 4],
    ]);
    assert.deepEqual(shapeOf(ops.Concat(parts, 1)), ['n', 6]);
    assert.deepEqual(shapeOf(ops.Transpose(x, [0, 2, 3, 1])), ['n', 8, 8, 3]);
    assert.deepEqual(shapeOf(ops.Unsqueeze(ids, [1, -1])), ['n', 1, 't', 1]);
  });

  it('reduces with and without the axis', () => {
    assert.deepEqual(shapeOf(ops.ReduceSum(x, [1, -1], false)), ['n', 8]);
    assert.deepEqual(shapeOf(ops.ReduceMean(x, [2, 3], true)), ['n', 3, 1, 1]);
  });

  it('knows the length of a range up to a size', () => {
    const one = constant('int64', [], [1]);
    const length = ops.Gather(ops.Shape(ids), one, 0);
    assert.deepEqual(shapeOf(ops.Range(constant('int64', [], [0]), length, one)), ['t']);
  });
});

describe('graph errors', () => {
  const misfits: readonly [string, () => Value, RegExp][] = [
    [
      'inner sizes',
      () => ops.MatMul(rows, input('b', 'float32', [5, 2]), 'head.proj'),
      /MatMul "head\.proj"\(rows: float32 \(n, 6\); b: float32 \(5, 2\)\): the inner sizes differ: 6 and 5/,
    ],
    ['element types', () => ops.Add(rows, ids), /Add\(.*element types differ/],
    ['broadcasting', () => ops.Mul(rows, input('b', 'float32', [5])), /do not broadcast/],
    [
      'unknown against known sizes',
      () => ops.Add(input('a', 'float32', ['n']), input('b', 'float32', [4])),
      /do not broadcast/,
    ],
    ['axes', () => ops.ReduceSum(rows, [2], false), /axis 2 is not one of 2/],
    [
      'channels',
      () => ops.Conv(x, input('w', 'float32', [5, 4, 3, 3]), undefined, { strides: [1, 1], group: 1, padding: 'same' }),
      /channels of input and weights differ: 3 and 4/,
    ],
    ['permutations', () => ops.Transpose(rows, [0, 0]), /not a permutation/],
    ['impossible reshapes', () => ops.Reshape(rows, [0, 4]), /cannot reshape/],
    ['splits', () => ops.Split(rows, [2, 2], 1)[0]!, /do not make up 6/],
    ['integers where floats are needed', () => ops.Softmax(ids, 1), /int64 is not a floating type/],
    ['conditions', () => ops.Where(rows, rows, scalar(0)), /expected bool/],
  ];
  for (const [what, build, message] of misfits) {
    it(`name the node and the shapes: ${what}`, () => {
      assert.throws(build, (error) => error instanceof GraphError && message.test(error.message));
    });
  }

  const refusedByOnnx: readonly [string, () => Value][] = [
    ['a reduction over no axes', () => ops.ReduceSum(rows, [], false)],
    ['axes that repeat', () => ops.Unsqueeze(rows, [0, 0])],
    ['a softmax along no axis', () => ops.Softmax(rows, 7)],
    ['a cut outside of the dimensions', () => ops.Flatten(rows, 5)],
    ['negative sizes', () => ops.Reshape(rows, [-2, -3])],
    ['negative parts', () => ops.Split(rows, [8, -2], 1)[0]!],
    ['an integer scale', () => ops.LayerNormalization(rows, ids, ids, { axis: -1, epsilon: 1e-5 })],
    [
      'an integer bias',
      () =>
        ops.Conv(x, input('w', 'float32', [5, 3, 3, 3]), input('b', 'int64', [5]), {
          strides: [1, 1],
          group: 1,
          padding: 'same',
        }),
    ],
  ];
  for (const [what, build] of refusedByOnnx) {
    it(`come before ONNX Runtime's for ${what}`, () => assert.throws(build, GraphError));
  }

  it('leave nodes frozen, also where the caller keeps an array', () => {
    const perm = [1, 0];
    const turned = ops.Transpose(rows, perm);
    perm[0] = 0;
    assert.deepEqual((turned.node.attributes as { perm: number[] }).perm, [1, 0]);
    const { node } = ops.Relu(rows);
    assert.throws(() => Object.assign(node, { op: 'Tanh' }), TypeError);
    assert.throws(() => (node.inputs as Value[]).push(rows), TypeError);
  });
});
