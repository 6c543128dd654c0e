import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { formatShapes, type RuleCase } from './gradient-rule-case.ts';

const SHAPES_AND_AXES: readonly (readonly [Shape, readonly number[]])[] = [
  [[5], [0]],
  [[1], [0]],
  [[2, 3], [0]],
  [[2, 3], [1]],
  [[2, 3], [-1]],
  [
    [2, 3],
    [0, 1],
  ],
  [
    [2, 3, 4],
    [0, -1],
  ],
  [
    [2, 3, 2, 2],
    [2, 3],
  ],
  [
    [2, 3, 2, 2],
    [3, 0, 2],
  ],
  [['n', 3], [0]],
  [['n', 3], [1]],
  [
    ['n', 3],
    [0, 1],
  ],
  [['n', 't', 2], [1]],
  [['n', 't', 2], [-2]],
  [
    ['n', 't', 2],
    [0, 1],
  ],
  [
    ['n', 't', 2],
    [0, 2],
  ],
  [
    ['n', 't'],
    [-1, 0],
  ],
];

const OPERATORS = { ReduceMax: ops.ReduceMax, ReduceMean: ops.ReduceMean, ReduceSum: ops.ReduceSum };

export const REDUCTION_CASES: readonly RuleCase[] = (['ReduceSum', 'ReduceMean', 'ReduceMax'] as const).flatMap((op) =>
  SHAPES_AND_AXES.flatMap(([shape, axes]) =>
    [true, false].map(
      (keepdims): RuleCase => ({
        op,
        description: `${formatShapes([shape])} over [${axes.join(', ')}]${keepdims ? ', kept' : ''}`,
        operands: [shape],
        build: (x) => OPERATORS[op](x, axes, keepdims),
      }),
    ),
  ),
);
