import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyOp, applySingleOutputOp } from '../../../src/graph/ops/apply-op.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import { constant, GraphError, input, int64Vector, scalar, type Value } from '../../../src/graph/value.ts';

const x = input('x', 'float32', ['n', 3, 8, 8]);
const rows = input('rows', 'float32', ['n', 6]);
const ids = input('ids', 'int64', ['n', 't']);
const flags = input('flags', 'bool', ['n', 6]);
const kernel = (...shape: number[]) => input('w', 'float32', shape);
const transposeOptions = { strides: [2, 2], group: 1, padding: [1, 1, 1, 1], outputPadding: [1, 0] } as const;

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

  it('slices, splits, concatenates and transposes', () => {
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

  it('handles dilated kernels and transposed convolutions', () => {
    const options = { strides: [1, 1], dilations: [3, 1], group: 1, padding: [0, 0, 0, 0] } as const;
    assert.deepEqual(shapeOf(ops.Conv(x, kernel(5, 3, 3, 3), undefined, options)), ['n', 5, 2, 6]);
    assert.deepEqual(shapeOf(ops.ConvTranspose(x, kernel(3, 5, 3, 3), transposeOptions)), ['n', 5, 16, 15]);
    const grouped = { ...transposeOptions, group: 3 };
    assert.deepEqual(shapeOf(ops.ConvTranspose(x, kernel(3, 2, 3, 3), grouped)), ['n', 6, 16, 15]);
  });

  it('gives second outputs their own types', () => {
    const pooling = { kernel: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;
    const [, indices] = applyOp('MaxPool', [x], pooling);
    assert.deepEqual(indices.type, { dtype: 'int64', shape: ['n', 3, 4, 4] });
    const half = ops.Cast(x, 'float16');
    const vector = input('v', 'float16', [8]);
    const [normed, mean, inverse] = applyOp('LayerNormalization', [half, vector, vector], { axis: -1, epsilon: 1e-5 });
    assert.deepEqual(normed.type, half.type);
    assert.deepEqual(mean.type, { dtype: 'float32', shape: ['n', 3, 8, 1] });
    assert.deepEqual(inverse.type, mean.type);
  });

  it('expands, pads, scatters and counts', () => {
    assert.deepEqual(shapeOf(ops.ExpandLike(scalar(0), ids)), ['n', 't']);
    assert.deepEqual(shapeOf(ops.ExpandLike(input('c', 'float32', ['n', 1]), ids)), ['n', 't']);
    assert.deepEqual(shapeOf(applySingleOutputOp('Expand', [scalar(0), int64Vector([2, 3])], {})), [2, 3]);
    assert.deepEqual(shapeOf(ops.Pad(rows, [0, 1, 0, 2])), ['n', 9]);
    assert.deepEqual(ops.Size(rows).type, { dtype: 'int64', shape: [] });
    const indices = input('places', 'int64', ['t', 6]);
    const updates = input('updates', 'float32', ['t', 6]);
    assert.deepEqual(shapeOf(ops.ScatterElements(rows, indices, updates, { axis: 0, reduction: 'add' })), ['n', 6]);
    assert.deepEqual(shapeOf(ops.ReduceMax(rows, [-1], true)), ['n', 1]);
    assert.deepEqual(ops.Detach(rows).type, rows.type);
  });

  it('compares values and combines conditions', () => {
    const column = input('column', 'bool', ['n', 1]);
    assert.deepEqual(ops.And(flags, column).type, { dtype: 'bool', shape: ['n', 6] });
    assert.deepEqual(ops.Not(column).type, column.type);
    assert.deepEqual(ops.Equal(ids, constant('int64', [], [0])).type, { dtype: 'bool', shape: ['n', 't'] });
  });

  it('knows the length of a range up to a size', () => {
    const one = constant('int64', [], [1]);
    const length = ops.Gather(ops.Shape(ids), one, 0);
    assert.deepEqual(shapeOf(ops.Range(constant('int64', [], [0]), length, one)), ['t']);
  });
});

const integerInput = (width: number) => input('i', 'int64', ['n', width]);
const scatter = (data: Value, indices: Value, updates: Value, axis = 0) =>
  ops.ScatterElements(data, indices, updates, { axis, reduction: 'add' });

describe('graph errors', () => {
  const mismatches: readonly [string, () => Value, RegExp][] = [
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
    ['floats in the place of conditions', () => ops.And(flags, rows), /And\(.*expected bool, not float32/],
    [
      'integers in the place of a condition',
      () => ops.Not(ids, 'mask.not'),
      /Not "mask\.not"\(.*expected bool, not int64/,
    ],
    ['conditions that do not broadcast', () => ops.And(flags, input('b', 'bool', [5])), /do not broadcast/],
    ['comparisons of two types', () => ops.Equal(rows, ids), /Equal\(.*element types differ/],
    ['comparisons of two shapes', () => ops.Equal(rows, input('b', 'float32', ['n', 5])), /do not broadcast/],
    ...([ops.Erf, ops.Exp, ops.Log, ops.Sign, ops.Sqrt] as const).map((op): (typeof mismatches)[0] => {
      const { node } = op(rows);
      return [`integers: ${node.op}`, () => op(ids), new RegExp(`${node.op}\\(.*int64 is not a floating type`)];
    }),
    [
      'an input that is missing',
      // @ts-expect-error: the compiler refuses it too
      () => applySingleOutputOp('Identity', [undefined], { detached: true }),
      /input 0 is missing/,
    ],
    [
      'nothing to count',
      // @ts-expect-error: the compiler refuses it too
      () => applySingleOutputOp('Size', [undefined], {}),
      /Size\(nothing\): input 0 is missing/,
    ],
    ['expansions that do not broadcast', () => ops.ExpandLike(rows, ids), /cannot expand to \(n, t\)/],
    [
      'expansions to what is not known',
      () => applySingleOutputOp('Expand', [rows, ids], {}),
      /input 1 must be a constant/,
    ],
    ['a wrong number of pads', () => ops.Pad(rows, [0, 1]), /expected 4 pads, not 2/],
    ['pads that cut off', () => ops.Pad(rows, [0, 1, 0, -1]), /the pads \[0, 1, 0, -1\] are negative/],
    ['pads along an unknown size', () => ops.Pad(rows, [1, 0, 0, 0]), /axis 0 has the unknown size n/],
    [
      'pads that are not known',
      // @ts-expect-error: the compiler refuses it too
      () => applySingleOutputOp('Pad', [rows, ids], {}),
      /input 1 must be a constant/,
    ],
    ['a largest over no such axis', () => ops.ReduceMax(rows, [2], false), /axis 2 is not one of 2/],
    ['a largest over no axes', () => ops.ReduceMax(rows, [], true), /at least one axis is needed/],
    [
      'the channels of a transposed convolution',
      () => ops.ConvTranspose(x, kernel(4, 5, 3, 3), transposeOptions),
      /3 and 4/,
    ],
    [
      'the rank of a transposed convolution',
      () => ops.ConvTranspose(rows, kernel(3, 5, 3, 3), transposeOptions),
      /expected 4 dimensions, not 2/,
    ],
    [
      'the groups of a transposed convolution',
      () => ops.ConvTranspose(x, kernel(3, 5, 3, 3), { ...transposeOptions, group: 2 }),
      /2 groups do not divide 3 channels/,
    ],
    [
      'a transposed convolution over an unknown size',
      () => ops.ConvTranspose(input('i', 'float32', [1, 3, 8, 'w']), kernel(3, 5, 3, 3), transposeOptions),
      /the size of axis 3 is unknown/,
    ],
    [
      'the groups of a convolution',
      () => ops.Conv(x, kernel(5, 1, 3, 3), undefined, { strides: [1, 1], group: 3, padding: 'same' }),
      /3 groups do not divide 5 channels/,
    ],
    [
      'a kernel that dilations make too large',
      () =>
        ops.Conv(x, kernel(5, 3, 3, 3), undefined, {
          strides: [1, 1],
          dilations: [4, 1],
          group: 1,
          padding: [0, 0, 0, 0],
        }),
      /the kernel of 9 does not fit 8 \+ 0/,
    ],
    ['indices that are no integers', () => scatter(rows, rows, rows), /expected int64, not float32/],
    ['updates of another type', () => scatter(rows, integerInput(6), integerInput(6)), /expected float32, not int64/],
    ['updates of another shape', () => scatter(rows, integerInput(5), rows), /indices and updates differ in shape/],
    [
      'indices of another rank',
      () => scatter(rows, input('i', 'int64', ['n']), input('u', 'float32', ['n'])),
      /data and indices differ in rank/,
    ],
    ['scattering along no axis', () => scatter(rows, integerInput(6), rows, 2), /axis 2 is not one of 2/],
  ];
  for (const [description, build, message] of mismatches) {
    it(`name the node and the shapes: ${description}`, () => {
      assert.throws(build, (error) => error instanceof GraphError && message.test(error.message));
    });
  }

  const refusedByOnnx: readonly [string, () => Value][] = [
    ['a reduction over no axes', () => ops.ReduceSum(rows, [], false)],
    ['axes that repeat', () => ops.Unsqueeze(rows, [0, 0])],
    ['a softmax along no axis', () => ops.Softmax(rows, 7)],
    ['a Flatten outside of the dimensions', () => ops.Flatten(rows, 5)],
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
  for (const [description, build] of refusedByOnnx) {
    it(`come before those of ONNX Runtime: ${description}`, () => assert.throws(build, GraphError));
  }

  it('leave nodes frozen, even where the caller keeps an array', () => {
    const perm = [1, 0];
    const transposed = ops.Transpose(rows, perm);
    perm[0] = 0;
    assert.deepEqual((transposed.node.attributes as { perm: number[] }).perm, [1, 0]);
    const { node } = ops.Relu(rows);
    assert.throws(() => Object.assign(node, { op: 'Tanh' }), TypeError);
    assert.throws(() => (node.inputs as Value[]).push(rows), TypeError);
  });
});
