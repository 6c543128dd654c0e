import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradients } from '../../../src/autodiff/gradients.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import { input, scalar, type Value } from '../../../src/graph/value.ts';
import { float32Tensor, runGraph } from '../../support/run-graph.ts';

const x = input('x', 'float32', [4]);
const y = input('y', 'float32', [4]);
const feeds = { x: float32Tensor([3, -1, 3, 0], [4]), y: float32Tensor([3, 0, 2, 0], [4]) };

async function gradientsOf(
  value: Value,
  variables: readonly Value[],
  feedNames: readonly string[],
): Promise<number[][]> {
  const total = ops.ReduceSum(value, [0], false);
  const variableGradients = gradients(total, variables);
  const outputs = Object.fromEntries(variableGradients.map((gradient, i) => [`g${i}`, gradient!]));
  const usedFeeds = Object.fromEntries(Object.entries(feeds).filter(([name]) => feedNames.includes(name)));
  const results = await runGraph({ name: 'ties', outputs }, usedFeeds);
  return variableGradients.map((_, i) => [...(results[`g${i}`]!.data as Float32Array)]);
}

/** Where an operator has no derivative, the rule chooses a value, always the same. */
describe('where an operator has no derivative', () => {
  it('Max gives the whole gradient to the first of two equal values', async () => {
    const [xGradient, yGradient] = await gradientsOf(ops.Max(x, y), [x, y], ['x', 'y']);
    assert.deepEqual(xGradient, [1, 0, 1, 1]);
    assert.deepEqual(yGradient, [0, 1, 0, 0]);
  });

  it('ReduceMax shares the gradient among all maxima', async () => {
    const largest = ops.ReduceMax(x, [0], true);
    assert.deepEqual(await gradientsOf(largest, [x], ['x']), [[0.5, 0, 0.5, 0]]);
  });

  it('Relu has no gradient at zero', async () => {
    assert.deepEqual(await gradientsOf(ops.Relu(x), [x], ['x']), [[1, 0, 1, 0]]);
    assert.deepEqual(await gradientsOf(ops.Max(scalar(0), x), [x], ['x']), [[1, 0, 1, 0]]);
  });

  it('MaxPool gives the whole gradient to one pixel of a window', async () => {
    const image = ops.Reshape(x, [1, 1, 1, 4]);
    const pooled = ops.MaxPool(image, { kernel: [1, 4], strides: [1, 1], padding: [0, 0, 0, 0] });
    const [xGradient] = await gradientsOf(ops.Reshape(pooled, [1]), [x], ['x']);
    assert.deepEqual(xGradient!.toSorted(), [0, 0, 0, 1]);
    assert.equal(xGradient![1]! + xGradient![3]!, 0);
  });
});
