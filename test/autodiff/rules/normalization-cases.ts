import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import type { Value } from '../../../src/graph/value.ts';
import { formatShapes, positiveOperand, type RuleCase } from './gradient-rule-case.ts';

/** x, scale and bias, and the first axis */
const LAYER_NORM_SHAPES: readonly (readonly [Shape, Shape, number])[] = [
  [[4], [4], 0],
  [[2, 4], [4], -1],
  [[2, 4], [4], 1],
  [[2, 4], [2, 4], 0],
  [[2, 3, 4], [4], -1],
  [[2, 3, 4], [3, 4], 1],
  [[2, 3, 4], [3, 4], -2],
  [[2, 2, 2, 3], [3], -1],
  [['n', 4], [4], -1],
  [['n', 4], [4], 1],
  [['n', 't', 4], [4], -1],
  [['n', 3, 4], [3, 4], 1],
];

const BATCH_NORM_SHAPES: readonly (readonly [Shape, number])[] = [
  [[3, 2], 2],
  [['n', 3], 3],
  [[2, 3, 4], 3],
  [[2, 3, 2, 2], 3],
  [['n', 2, 2, 3], 2],
  [['n', 2, 't', 't'], 2],
];

const EPSILON = 1e-5;

export const NORMALIZATION_CASES: readonly RuleCase[] = [
  ...LAYER_NORM_SHAPES.map(
    ([x, vector, axis]): RuleCase => ({
      op: 'LayerNormalization',
      description: `${formatShapes([x, vector])} from axis ${axis}`,
      operands: [x, vector, vector],
      build: (value, scale, bias) => ops.LayerNormalization(value, scale, bias, { axis, epsilon: EPSILON }),
    }),
  ),
  ...BATCH_NORM_SHAPES.flatMap(([x, channels]): RuleCase[] => [
    {
      op: 'BatchNormalization',
      description: `${formatShapes([x])} of given statistics`,
      operands: [x, [channels], [channels], [channels], positiveOperand([channels])],
      build: (value, scale, bias, mean, variance) =>
        ops.BatchNormalization(value, { scale, bias, mean, variance }, EPSILON),
    },
    {
      op: 'BatchNormalization',
      description: `${formatShapes([x])} of the batch's statistics`,
      operands: [x, [channels], [channels]],
      build: (value, scale, bias) => ops.BatchNormalization(value, { scale, bias, ...batchStatistics(value) }, EPSILON),
    },
  ]),
];

/** As training has them: mean and variance of each channel of x itself. */
function batchStatistics(x: Value) {
  const axes = x.type.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const deviation = ops.Sub(x, ops.ReduceMean(x, axes, true));
  return {
    mean: ops.ReduceMean(x, axes, false),
    variance: ops.ReduceMean(ops.Mul(deviation, deviation), axes, false),
  };
}
