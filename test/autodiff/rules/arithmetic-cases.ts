import { applySingleOutputOp } from '../../../src/graph/ops/apply-op.ts';
import type { OpName } from '../../../src/graph/ops/op-attributes.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import type { Value } from '../../../src/graph/value.ts';
import { constantLike, formatShapes, type Operand, positiveOperand, type RuleCase } from './gradient-rule-case.ts';
import { referenceErf, referenceIdentity } from './reference-operators.ts';

/** Broadcast both ways: axes that are missing, ones that are stretched, on either side and on both. */
const BROADCAST_PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[], [3]],
  [[3], []],
  [[4], [4]],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [1, 3],
    [2, 3],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [
    [2, 3, 2, 2],
    [3, 1, 1],
  ],
  [
    [2, 1, 2, 1],
    [1, 3, 1, 2],
  ],
  [[1], [1, 1, 2]],
  [
    ['n', 3],
    ['n', 3],
  ],
  [
    ['n', 3],
    ['n', 1],
  ],
  [['n', 1], [3]],
  [
    ['n', 1],
    [1, 't'],
  ],
  [['n', 't'], ['t']],
  [
    ['n', 1, 4],
    ['t', 4],
  ],
  [['n', 't', 4], [1]],
  [[], ['n', 't']],
  [
    ['n', 2, 1, 't'],
    [2, 't', 1],
  ],
];

/** Condition, and what is taken where it holds and where not */
const WHERE_SHAPES: readonly (readonly [Shape, Shape, Shape])[] = [
  [[], [], []],
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 1], [3], []],
  [[3], ['n', 3], ['n', 1]],
  [['n', 1], ['n', 3], [3]],
  [[], [2, 3], [2, 1]],
  [
    ['n', 't'],
    [1, 't'],
    ['n', 1],
  ],
  [
    [4, 1, 1],
    [2, 1],
    [1, 3],
  ],
];

export const SHAPES: readonly Shape[] = [[], [5], [2, 3], [2, 1, 2, 2], ['n', 3], ['n', 't'], ['n', 2, 't', 2]];

type Binary = (a: Value, b: Value) => Value;

const binaryCases = (op: OpName, build: Binary, rightOperand: (shape: Shape) => Operand = (shape) => ({ shape })) =>
  BROADCAST_PAIRS.map(
    ([a, b]): RuleCase => ({ op, description: formatShapes([a, b]), operands: [a, rightOperand(b)], build }),
  );

export const unaryCases = (
  op: OpName,
  build: (x: Value) => Value,
  {
    range = 'any',
    reference,
    variant,
  }: Pick<Operand, 'range'> & Pick<RuleCase, 'reference'> & { variant?: string } = {},
) =>
  SHAPES.map((shape): RuleCase => {
    const description = [...(variant ? [variant] : []), formatShapes([shape])].join(' ');
    return { op, description, operands: [{ shape, range }], build, reference };
  });

export const ARITHMETIC_CASES: readonly RuleCase[] = [
  ...binaryCases('Add', (a, b) => ops.Add(a, b)),
  ...binaryCases('Sub', (a, b) => ops.Sub(a, b)),
  ...binaryCases('Mul', (a, b) => ops.Mul(a, b)),
  ...binaryCases('Div', (a, b) => ops.Div(a, b), positiveOperand),
  ...binaryCases('Max', (a, b) => ops.Max(a, b)),
  ...WHERE_SHAPES.map(
    (operands): RuleCase => ({
      op: 'Where',
      description: formatShapes(operands),
      operands,
      build: (condition, yes, no) => ops.Where(ops.Greater(condition, constantLike(condition, 0)), yes, no),
    }),
  ),
  ...unaryCases('Clip', (x) => ops.Clip(x, -0.71, 0.93)),
  ...unaryCases('Exp', (x) => ops.Exp(x)),
  ...unaryCases('Log', (x) => ops.Log(x), { range: 'positive' }),
  ...unaryCases('Sqrt', (x) => ops.Sqrt(x), { range: 'positive' }),
  ...unaryCases('Sin', (x) => ops.Sin(x)),
  ...unaryCases('Cos', (x) => ops.Cos(x)),
  ...unaryCases('Erf', (x) => ops.Erf(x), { reference: referenceErf }),
  ...unaryCases('Identity', (x) => applySingleOutputOp('Identity', [x], { detached: false })),
  ...unaryCases('Cast', (x) => ops.Cast(x, 'float64'), { variant: 'to a wider type', reference: referenceIdentity }),
  ...unaryCases('Cast', (x) => ops.Cast(x, 'float64'), { variant: 'to the same type' }),
  ...unaryCases('Cast', (x) => ops.Cast(ops.Cast(x, 'int64'), 'float64'), { variant: 'to integers and back' }),
];
