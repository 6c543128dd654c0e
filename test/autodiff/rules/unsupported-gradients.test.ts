import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradients } from '../../../src/autodiff/gradients.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { GraphError, input, type Value } from '../../../src/graph/value.ts';

const x = (shape: Shape) => input('x', 'float32', shape);
const weight = input('w', 'float32', [2, 2, 3, 3]);
const conv = { strides: [1, 1], group: 1, padding: [1, 1, 1, 1] } as const;

/** Forms of operators that have a gradient, but not in this form: the error says why. */
const cases: readonly [string, Value, RegExp][] = [
  [
    'a dilated convolution',
    ops.Conv(x([1, 2, 8, 8]), weight, undefined, { ...conv, dilations: [2, 1] }),
    /a dilated convolution has no gradient/,
  ],
  [
    'a convolution over unknown sizes',
    ops.Conv(x(['n', 2, 'h', 8]), weight, undefined, conv),
    /a convolution over \(n, 2, h, 8\) has no gradient: its sizes must be known/,
  ],
  [
    'a convolution over unknown sizes, padded to the same',
    ops.Conv(x(['n', 2, 8, 'w']), weight, undefined, { ...conv, padding: 'same' }),
    /a convolution over \(n, 2, 8, w\) has no gradient/,
  ],
  [
    'a concatenation of unknown sizes',
    ops.Concat([x(['n', 2]), input('y', 'float32', ['t', 2])], 0),
    /a concatenation of \(n, 2\) and \(t, 2\) has no gradient: the sizes along axis 0 must be known/,
  ],
];

describe('unsupported gradients', () => {
  for (const [description, value, message] of cases) {
    it(`are refused: ${description}`, () => {
      const axes = value.type.shape.map((_, axis) => axis);
      const loss = ops.ReduceSum(value, axes, false);
      const variable = value.kind === 'result' ? value.node.inputs[0]! : value;
      assert.throws(
        () => gradients(loss, [variable]),
        (error) => error instanceof GraphError && message.test(error.message),
      );
    });
  }
});
