import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { gradients } from '../../src/autodiff/gradients.ts';
import { collectDependencies } from '../../src/graph/dependencies.ts';
import { applyOp } from '../../src/graph/ops/apply-op.ts';
import * as ops from '../../src/graph/ops/operators.ts';
import { constant, GraphError, input, parameter, scalar, type Value } from '../../src/graph/value.ts';
import { maxDifference } from '../support/numeric.ts';
import { runGraph } from '../support/run-graph.ts';

const POINTS = [0.5, -1.25, 2, 0.75];
const x = input('x', 'float64', ['n', 4]);
const sum = (value: Value) => ops.ReduceSum(value, [0, 1], false);
const float64 = (value: number) => constant('float64', [], [value]);

/** One row through the gradient of a sum. */
async function gradientAt(loss: Value, variable: Value): Promise<number[]> {
  const [gradient] = gradients(loss, [variable]);
  assert.ok(gradient, 'the loss does not depend on the variable');
  assert.deepEqual(gradient.type, variable.type);
  const feeds = { x: new ort.Tensor('float64', Float64Array.from(POINTS), [1, 4]) };
  const usedFeeds = collectDependencies([gradient]).inputs.length > 0 ? feeds : {};
  const outputs = await runGraph({ name: 'case', outputs: { gradient } }, usedFeeds);
  return [...(outputs['gradient']!.data as Float64Array)];
}

async function assertGradient(loss: Value, variable: Value, expected: readonly number[]): Promise<void> {
  const actual = await gradientAt(loss, variable);
  assert.ok(maxDifference(actual, expected) < 1e-12, `got ${actual}, not ${expected}`);
}

describe('the gradients from all uses of a value are added', () => {
  it('from both operands of one node', async () => {
    await assertGradient(
      sum(ops.Mul(x, x)),
      x,
      POINTS.map((v) => 2 * v),
    );
    await assertGradient(
      sum(ops.Sub(x, x)),
      x,
      POINTS.map(() => 0),
    );
  });

  it('from three nodes', async () => {
    const loss = sum(ops.Add(ops.Add(ops.Exp(x), ops.Sin(x)), ops.Mul(x, float64(3))));
    await assertGradient(
      loss,
      x,
      POINTS.map((v) => Math.exp(v) + Math.cos(v) + 3),
    );
  });

  it('over a diamond, where the value in the middle is used twice', async () => {
    const middle = ops.Exp(x);
    const loss = sum(ops.Mul(ops.Sin(middle), ops.Cos(middle)));
    await assertGradient(
      loss,
      x,
      POINTS.map((v) => Math.exp(v) * Math.cos(2 * Math.exp(v))),
    );
  });

  it('over paths of different lengths', async () => {
    const long = ops.Tanh(ops.Mul(ops.Exp(x), float64(0.5)));
    await assertGradient(
      sum(ops.Mul(long, x)),
      x,
      POINTS.map((v) => Math.tanh(Math.exp(v) / 2) + (v * (1 - Math.tanh(Math.exp(v) / 2) ** 2) * Math.exp(v)) / 2),
    );
  });

  it('from two parts of one Split', async () => {
    const [left, right] = ops.Split(x, [2, 2], 1) as [Value, Value];
    await assertGradient(sum(ops.Mul(left, right)), x, [2, 0.75, 0.5, -1.25]);
    await assertGradient(ops.Add(sum(ops.Exp(left)), sum(right)), x, [Math.exp(0.5), Math.exp(-1.25), 1, 1]);
  });

  it('from uses of one result by two value objects', async () => {
    const squared = ops.Mul(x, x);
    const again = { ...squared };
    await assertGradient(
      sum(ops.Add(squared, again)),
      x,
      POINTS.map((v) => 4 * v),
    );
    await assertGradient(sum(ops.Add(squared, again)), again, [2, 2, 2, 2]);
  });
});

describe('variables', () => {
  it('may be intermediate results, alone and together with the values that they are made of', async () => {
    const middle = ops.Exp(x);
    const loss = sum(ops.Mul(middle, middle));
    await assertGradient(
      loss,
      middle,
      POINTS.map((v) => 2 * Math.exp(v)),
    );
    const [middleGradient, xGradient] = gradients(loss, [middle, x]);
    assert.ok(middleGradient && xGradient);
    await assertGradient(
      loss,
      x,
      POINTS.map((v) => 2 * Math.exp(2 * v)),
    );
  });

  it('may be one part of a Split', async () => {
    const [, right] = ops.Split(x, [1, 3], 1) as [Value, Value];
    await assertGradient(
      sum(ops.Mul(right, right)),
      right,
      POINTS.slice(1).map((v) => 2 * v),
    );
  });

  it('may be the loss itself', async () => {
    const loss = sum(x);
    await assertGradient(loss, loss, [1]);
  });

  it('may be weights, whose gradient has their shape', async () => {
    const weight = parameter('w', 'float64', [4], new Uint8Array(Float64Array.from([1, 2, 3, 4]).buffer));
    await assertGradient(sum(ops.Mul(x, weight)), weight, POINTS);
  });

  it('on which the loss does not depend have no gradient', () => {
    const other = input('other', 'float64', ['n', 4]);
    const ids = input('ids', 'int64', ['n']);
    const [part, unused] = ops.Split(x, [2, 2], 1) as [Value, Value];
    const loss = ops.Add(sum(ops.Exp(part)), ops.ReduceSum(ops.Cast(ids, 'float64'), [0], false));
    const [otherGradient, xGradient, unusedGradient, idsGradient, downstreamGradient] = gradients(loss, [
      other,
      x,
      unused,
      ids,
      ops.Exp(loss),
    ]);
    assert.equal(otherGradient, undefined);
    assert.ok(xGradient);
    assert.equal(unusedGradient, undefined);
    assert.equal(idsGradient, undefined);
    assert.equal(downstreamGradient, undefined);
  });

  it('have no gradient where the loss depends only on their shape, a comparison or a rounding', () => {
    const ones = ops.ExpandLike(float64(1), x);
    const chosen = ops.Where(ops.Greater(x, float64(0)), ones, ops.Sign(x));
    assert.deepEqual(gradients(sum(chosen), [x]), [undefined]);
    assert.deepEqual(gradients(sum(ops.Cast(ops.Cast(x, 'int64'), 'float64')), [x]), [undefined]);
  });
});

describe('Detach', () => {
  it('cuts the only path', () => {
    assert.deepEqual(gradients(sum(ops.Exp(ops.Detach(ops.Mul(x, x)))), [x]), [undefined]);
  });

  it('cuts one path of two', async () => {
    await assertGradient(sum(ops.Mul(x, ops.Detach(x))), x, POINTS);
    // The shift of a softmax by its largest logit cancels, with and without Detach.
    const largest = ops.ReduceMax(x, [1], true);
    const shifted = (shift: Value) => ops.Add(ops.Log(ops.ReduceSum(ops.Exp(ops.Sub(x, shift)), [1], true)), shift);
    const undetached = await gradientAt(sum(shifted(largest)), x);
    await assertGradient(sum(shifted(ops.Detach(largest))), x, undetached);
  });
});

describe('a loss', () => {
  const losses: readonly [string, Value, RegExp][] = [
    ['that is no scalar', ops.Exp(x), /a loss is a floating scalar, not float64 \(n, 4\)/],
    ['of one element', ops.ReduceSum(x, [0, 1], true), /not float64 \(1, 1\)/],
    ['of integers', ops.Size(x), /not int64 \(\)/],
  ];
  for (const [description, loss, message] of losses) {
    it(`${description} is refused`, () => {
      assert.throws(
        () => gradients(loss, [x]),
        (error) => error instanceof GraphError && message.test(error.message),
      );
    });
  }
});

describe('an operator without a gradient', () => {
  const image = input('x', 'float32', ['n', 4]);
  const bias = constant('float32', [4], [0, 1, 2, 3]);
  const fused = (value: Value, name?: string) => ops.FastGelu(value, bias, name);

  it('is named where it lies on the path', () => {
    assert.throws(
      () => gradients(sum(ops.Exp(fused(image, 'block.3.gelu'))), [image]),
      (error) => error instanceof GraphError && error.message === '"block.3.gelu": FastGelu has no gradient',
    );
    assert.throws(() => gradients(sum(fused(ops.Exp(image))), [image]), {
      name: 'GraphError',
      message: 'FastGelu has no gradient',
    });
  });

  it('does no harm on other paths', () => {
    const weight = input('w', 'float32', [4]);
    const features = fused(image);
    const loss = sum(ops.Mul(features, weight));
    assert.ok(gradients(loss, [weight])[0]);
    assert.ok(gradients(loss, [features])[0]);
    assert.throws(() => gradients(loss, [weight, image]), GraphError);
  });

  it('does no harm behind Detach, nor where only a shape depends on it', () => {
    assert.ok(gradients(sum(ops.Add(image, ops.Detach(fused(image)))), [image])[0]);
    const shaped = fused(ops.ExpandLike(scalar(2), image));
    assert.ok(gradients(sum(ops.Mul(image, shaped)), [image])[0]);
  });

  it('does no harm behind another part of a Split than the variable', () => {
    const [left, right] = ops.Split(input('x', 'float32', ['n', 8]), [4, 4], 1) as [Value, Value];
    const loss = ops.Add(sum(ops.Exp(left)), sum(fused(right)));
    assert.ok(gradients(loss, [left])[0]);
    assert.throws(() => gradients(loss, [right]), GraphError);
  });

  it('may be one output of an operator whose first output has a gradient', () => {
    const options = { axis: -1, epsilon: 1e-5 };
    const [normed, mean, inverse] = applyOp('LayerNormalization', [image, bias, bias], options);
    assert.ok(gradients(sum(normed), [image])[0]);
    for (const statistic of [mean, inverse]) {
      assert.throws(() => gradients(ops.Add(sum(normed), sum(statistic)), [image]), /statistics .* have no gradient/);
    }
  });
});

it('a chain of 20,000 nodes does not overflow the stack', () => {
  let value: Value = x;
  for (let count = 0; count < 20_000; count++) value = ops.Tanh(value);
  const [gradient] = gradients(sum(value), [x]);
  assert.ok(gradient);
  const tanhNodes = collectDependencies([gradient]).nodes.filter(({ op }) => op === 'Tanh');
  assert.equal(tanhNodes.length, 20_000);
});
