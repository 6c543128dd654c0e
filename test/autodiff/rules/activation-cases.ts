import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { unaryCases } from './arithmetic-cases.ts';
import { formatShapes, type RuleCase } from './gradient-rule-case.ts';
import { referenceGelu } from './reference-operators.ts';

const SHAPES_AND_AXES: readonly (readonly [Shape, number])[] = [
  [[4], 0],
  [[4], -1],
  [[2, 3], 0],
  [[2, 3], 1],
  [[2, 3], -2],
  [[2, 3, 4], 0],
  [[2, 3, 4], 1],
  [[2, 3, 4], -1],
  [[2, 3, 2, 2], 1],
  [['n', 4], 0],
  [['n', 4], 1],
  [['n', 't'], 0],
  [['n', 't'], -1],
  [['n', 2, 't', 't'], -1],
];

export const ACTIVATION_CASES: readonly RuleCase[] = [
  ...unaryCases('Relu', (x) => ops.Relu(x)),
  ...unaryCases('Tanh', (x) => ops.Tanh(x)),
  ...unaryCases('Gelu', (x) => ops.Gelu(x), { variant: 'exact', reference: referenceGelu }),
  ...unaryCases('Gelu', (x) => ops.Gelu(x, 'tanh'), { variant: 'tanh' }),
  ...SHAPES_AND_AXES.flatMap(([shape, axis]): RuleCase[] => [
    {
      op: 'Softmax',
      description: `${formatShapes([shape])} along ${axis}`,
      operands: [shape],
      build: (x) => ops.Softmax(x, axis),
    },
    ...([1, 2] as const).map(
      (p): RuleCase => ({
        op: 'LpNormalization',
        description: `${formatShapes([shape])} along ${axis}, p = ${p}`,
        operands: [shape],
        build: (x) => ops.LpNormalization(x, axis, p),
      }),
    ),
  ]),
];
