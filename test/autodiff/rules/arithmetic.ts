import type { OpName } from '../../../src/graph/ops/attributes.ts';
import * as ops from '../../../src/graph/ops/index.ts';
import { applyOne } from '../../../src/graph/ops/node.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import type { Value } from '../../../src/graph/value.ts';
import { plainErf, plainIdentity } from './plain.ts';
import { formatted, numbers, type Operand, positive, type RuleCase } from './rule-case.ts';

/** Broadcast both ways: axes that are missing, ones that are stretched, on either side and on both. */
const PAIRS: readonly (readonly [Shape, Shape])[] = [
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
const TRIPLES: readonly (readonly [Shape, Shape, Shape])[] = [
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

const binary = (op: OpName, build: Binary, second: (shape: Shape) => Operand = (shape) => ({ shape })) =>
  PAIRS.map(([a, b]): RuleCase => ({ op, what: formatted([a, b]), operands: [a, second(b)], build }));

export const unary = (
  op: OpName,
  build: (x: Value) => Value,
  { range = 'any', plain, form }: Pick<Operand, 'range'> & Pick<RuleCase, 'plain'> & { form?: string } = {},
) =>
  SHAPES.map((shape): RuleCase => {
    const what = [...(form ? [form] : []), formatted([shape])].join(' ');
    return { op, what, operands: [{ shape, range }], build, plain };
  });

export const ARITHMETIC: readonly RuleCase[] = [
  ...binary('Add', (a, b) => ops.Add(a, b)),
  ...binary('Sub', (a, b) => ops.Sub(a, b)),
  ...binary('Mul', (a, b) => ops.Mul(a, b)),
  ...binary('Div', (a, b) => ops.Div(a, b), positive),
  ...binary('Max', (a, b) => ops.Max(a, b)),
  ...TRIPLES.map(
    (operands): RuleCase => ({
      op: 'Where',
      what: formatted(operands),
      operands,
      build: (condition, yes, no) => ops.Where(ops.Greater(condition, numbers(condition, 0)), yes, no),
    }),
  ),
  ...unary('Clip', (x) => ops.Clip(x, -0.71, 0.93)),
  ...unary('Exp', (x) => ops.Exp(x)),
  ...unary('Log', (x) => ops.Log(x), { range: 'positive' }),
  ...unary('Sqrt', (x) => ops.Sqrt(x), { range: 'positive' }),
  ...unary('Sin', (x) => ops.Sin(x)),
  ...unary('Cos', (x) => ops.Cos(x)),
  ...unary('Erf', (x) => ops.Erf(x), { plain: plainErf }),
  ...unary('Identity', (x) => applyOne('Identity', [x], { detached: false })),
  ...unary('Cast', (x) => ops.Cast(x, 'float64'), { form: 'to a wider type', plain: plainIdentity }),
  ...unary('Cast', (x) => ops.Cast(x, 'float64'), { form: 'to the same type' }),
  ...unary('Cast', (x) => ops.Cast(ops.Cast(x, 'int64'), 'float64'), { form: 'to integers and back' }),
];
