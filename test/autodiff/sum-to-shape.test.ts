import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumToShape } from '../../src/autodiff/sum-to-shape.ts';
import { formatShape, type Shape } from '../../src/graph/shape.ts';
import { GraphError, input } from '../../src/graph/value.ts';
import { float32Tensor, runGraph } from '../support/run-graph.ts';

const CASES: readonly (readonly [from: Shape, to: Shape, nodes: number])[] = [
  [['n', 3], ['n', 3], 0],
  [['n', 3], [3], 1],
  [['n', 3], [], 1],
  [['n', 3], ['n', 1], 1],
  [['n', 3], [1, 3], 1],
  [['n', 3], [1, 1], 1],
  [['n', 3], [1], 2],
  [['n', 't'], ['t'], 1],
  [['n', 't'], ['n', 1], 1],
  [['n', 't', 4], ['t', 1], 2],
  [['n', 't', 4], ['n', 1, 4], 1],
  [[1, 't', 4], ['t', 4], 1],
  [['n', 1, 4], ['n', 1, 4], 0],
  [['6*n', 2], [1, 2], 1],
];

describe('sumToShape', () => {
  for (const [from, to, nodes] of CASES) {
    it(`reduces ${formatShape(from)} to ${formatShape(to)} with ${nodes} sums`, () => {
      const gradient = input('g', 'float32', from);
      let sum = sumToShape(gradient, to);
      assert.deepEqual(sum.type.shape, to);
      for (let count = 0; count < nodes; count++) {
        assert.ok(sum.kind === 'result' && sum.node.op === 'ReduceSum');
        sum = sum.node.inputs[0]!;
      }
      assert.equal(sum, gradient);
    });
  }

  it('adds up the copies of each element, and nothing else', async () => {
    const y = sumToShape(input('g', 'float32', ['n', 't', 2]), ['t', 1]);
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const outputs = await runGraph({ name: 'sums', outputs: { y } }, { g: float32Tensor(numbers, [2, 3, 2]) });
    assert.deepEqual(outputs['y']!.dims, [3, 1]);
    // 1 + 2 + 7 + 8 and so on.
    assert.deepEqual([...(outputs['y']!.data as Float32Array)], [18, 26, 34]);
  });

  for (const [from, to] of [
    [
      ['n', 3],
      ['n', 4],
    ],
    [
      ['n', 3],
      ['t', 3],
    ],
    [[3], ['n', 3]],
    [
      ['n', 1],
      ['n', 3],
    ],
    [['n', 3], [2]],
    [[], [1]],
  ] as readonly [Shape, Shape][]) {
    it(`refuses to reduce ${formatShape(from)} to ${formatShape(to)}`, () => {
      assert.throws(() => sumToShape(input('g', 'float32', from), to), GraphError);
    });
  }
});
