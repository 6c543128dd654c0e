import * as ops from '../../../src/graph/ops/index.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { unary } from './arithmetic.ts';
import { plainGelu } from './plain.ts';
import { formatted, type RuleCase } from './rule-case.ts';

const ALONG: readonly (readonly [Shape, number])[] = [
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

export const ACTIVATION: readonly RuleCase[] = [
  ...unary('Relu', (x) => ops.Relu(x)),
  ...unary('Tanh', (x) => ops.Tanh(x)),
  ...unary('Gelu', (x) => ops.Gelu(x), { form: 'exact', plain: plainGelu }),
  ...unary('Gelu', (x) => ops.Gelu(x, 'tanh'), { form: 'tanh' }),
  ...ALONG.flatMap(([shape, axis]): RuleCase[] => [
    {
      op: 'Softmax',
      what: `${formatted([shape])} along ${axis}`,
      operands: [shape],
      build: (x) => ops.Softmax(x, axis),
    },
    ...([1, 2] as const).map(
      (p): RuleCase => ({
        op: 'LpNormalization',
        what: `${formatted([shape])} along ${axis}, p = ${p}`,
        operands: [shape],
        build: (x) => ops.LpNormalization(x, axis, p),
      }),
    ),
  ]),
];
