import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { formatShapes, type RuleCase } from './gradient-rule-case.ts';

const PRODUCTS: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 3],
    [3, 1],
  ],
  [
    ['n', 3],
    [3, 4],
  ],
  [
    [3, 'n'],
    ['n', 2],
  ],
  [
    ['n', 't'],
    ['t', 'n'],
  ],
  [
    [2, 3, 4],
    [4, 2],
  ],
  [
    [1, 3, 4],
    [4, 2],
  ],
  [
    ['n', 't', 4],
    [4, 2],
  ],
  [
    [3, 4],
    [2, 4, 2],
  ],
  [
    ['t', 4],
    ['n', 4, 't'],
  ],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [
    [1, 3, 4],
    [2, 4, 2],
  ],
  [
    [2, 3, 4],
    [1, 4, 2],
  ],
  [
    ['n', 't', 4],
    ['n', 4, 't'],
  ],
  [
    ['n', 1, 't'],
    ['n', 't', 4],
  ],
  [
    ['n', 't', 4],
    [1, 4, 3],
  ],
  [
    [2, 3, 2, 4],
    [2, 3, 4, 2],
  ],
  [
    [2, 1, 3, 4],
    [1, 3, 4, 2],
  ],
  [
    [2, 3, 2, 4],
    [4, 3],
  ],
  [
    [2, 3, 2, 4],
    [3, 4, 2],
  ],
  [
    [3, 2, 4],
    [2, 3, 4, 2],
  ],
  [
    ['n', 2, 't', 3],
    ['n', 2, 3, 't'],
  ],
  [
    ['n', 1, 2, 3],
    ['t', 3, 2],
  ],
];

/** Height and width of the product, and the inner size */
const GEMMS: readonly (readonly [Shape[0], Shape[0], Shape[0]])[] = [
  [2, 4, 3],
  ['n', 4, 3],
  [2, 'n', 3],
  ['n', 2, 't'],
];

const FLAGS = [false, true] as const;

export const LINEAR_CASES: readonly RuleCase[] = [
  ...PRODUCTS.map(
    (operands): RuleCase => ({
      op: 'MatMul',
      description: formatShapes(operands),
      operands,
      build: (a, b) => ops.MatMul(a, b),
    }),
  ),
  ...GEMMS.flatMap(([m, n, k]) =>
    FLAGS.flatMap((transA) =>
      FLAGS.flatMap((transB) => biasShapes(m, n).map((bias) => gemmCase(m, n, k, transA, transB, bias))),
    ),
  ),
];

function biasShapes(m: Shape[0], n: Shape[0]): readonly (Shape | undefined)[] {
  return [undefined, [n], [1, n], [1], [], [m, 1], [m, n]];
}

function gemmCase(
  m: Shape[0],
  n: Shape[0],
  k: Shape[0],
  transA: boolean,
  transB: boolean,
  bias: Shape | undefined,
): RuleCase {
  const operands: Shape[] = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...(bias ? [bias] : [])];
  return {
    op: 'Gemm',
    description: `${formatShapes(operands)}${transA ? ' transA' : ''}${transB ? ' transB' : ''}`,
    operands,
    build: (a, b, c) => ops.Gemm(a, b, c, { transA, transB }),
  };
}
