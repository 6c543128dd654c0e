import { applySingleOutputOp } from '../../../src/graph/ops/apply-op.ts';
import type { OpName } from '../../../src/graph/ops/op-attributes.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { constant, int64Vector, type Value } from '../../../src/graph/value.ts';
import { formatShapes, integerOperand, type Operand, type RuleCase } from './gradient-rule-case.ts';

type MovementCase = readonly [
  what: string,
  operands: readonly (Shape | Operand)[],
  build: (...operands: Value[]) => Value | readonly Value[],
];

const buildCases = (op: OpName, list: readonly MovementCase[]) =>
  list.map(
    ([description, operands, build]): RuleCase => ({
      op,
      description: `${formatShapes(operands)} ${description}`,
      operands,
      build,
    }),
  );

const reshaped: readonly (readonly [Shape, readonly number[]])[] = [
  [
    [2, 6],
    [3, 4],
  ],
  [[], [1, 1]],
  [[1], []],
  [
    ['n', 6],
    [0, 2, 3],
  ],
  [['n', 6], [-1]],
  [['n', 't'], [-1]],
  [
    ['n', 't', 4],
    [0, 0, 2, 2],
  ],
  [
    ['n', 't', 4],
    [-1, 4],
  ],
  [
    [2, 'n', 3],
    [-1, 6],
  ],
];

const flattened: readonly (readonly [Shape, number])[] = [
  [[], 0],
  [[3], 1],
  [[2, 3, 4], 0],
  [[2, 3, 4], 2],
  [['n', 't', 4], 0],
  [['n', 't', 4], 1],
  [['n', 't', 4], 2],
  [['n', 2, 't', 2], 3],
];

const unsqueezed: readonly (readonly [Shape, readonly number[]])[] = [
  [[], [0]],
  [[3], [-1]],
  [
    [2, 3],
    [0, 2],
  ],
  [['n', 3], [1]],
  [
    ['n', 't'],
    [1, -1],
  ],
];

const transposed: readonly (readonly [Shape, readonly number[]])[] = [
  [[3], [0]],
  [
    [2, 3],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [1, 2, 0],
  ],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    ['n', 't', 2, 3],
    [0, 2, 1, 3],
  ],
  [
    ['n', 2, 't', 3],
    [3, 0, 1, 2],
  ],
];

/** x, and the tensor to whose shape it is expanded */
const expanded: readonly (readonly [Shape, Shape])[] = [
  [[], [2, 3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 1, 3, 1],
    [2, 2, 3, 2],
  ],
  [[], ['n', 't']],
  [['t'], ['n', 't']],
  [
    ['n', 1],
    ['n', 't'],
  ],
  [
    [1, 4],
    ['n', 't', 4],
  ],
];

const padded: readonly (readonly [Shape, readonly number[]])[] = [
  [[3], [1, 2]],
  [[3], [0, 0]],
  [
    [2, 3],
    [1, 0, 0, 2],
  ],
  [
    ['n', 3],
    [0, 1, 0, 0],
  ],
  [
    ['n', 2, 't', 2],
    [0, 1, 0, 0, 0, 0, 0, 3],
  ],
];

/** starts, ends, axes */
const sliced: readonly (readonly [Shape, readonly number[], readonly number[], readonly number[]])[] = [
  [[5], [1], [4], [0]],
  [[5], [-4], [-1], [0]],
  [[5], [2], [100], [-1]],
  [[5], [-100], [2], [0]],
  [
    [4, 5],
    [1, -3],
    [-1, 5],
    [0, 1],
  ],
  [
    [4, 5, 3],
    [1, 1],
    [2, 4],
    [-1, 0],
  ],
  [['n', 6], [-3], [-1], [1]],
  [['n', 't', 6], [0], [1], [-1]],
];

const indexConstant = (values: readonly number[], shape = [values.length]) => constant('int64', shape, values);

export const MOVEMENT_CASES: readonly RuleCase[] = [
  ...buildCases('Reshape', [
    ...reshaped.map(([x, to]): MovementCase => [`to [${to.join(', ')}]`, [x], (value) => ops.Reshape(value, to)]),
    [
      'like',
      [
        ['n', 't', 4],
        ['n', 4, 't'],
      ],
      (x, like) => ops.ReshapeLike(x, like),
    ],
    [
      'like',
      [
        ['n', 6],
        ['n', 2, 3],
      ],
      (x, like) => ops.ReshapeLike(x, like),
    ],
  ]),
  ...buildCases(
    'Flatten',
    flattened.map(([x, axis]): MovementCase => [`cut at ${axis}`, [x], (value) => ops.Flatten(value, axis)]),
  ),
  ...buildCases(
    'Unsqueeze',
    unsqueezed.map(
      ([x, axes]): MovementCase => [`at [${axes.join(', ')}]`, [x], (value) => ops.Unsqueeze(value, axes)],
    ),
  ),
  ...buildCases(
    'Transpose',
    transposed.map(
      ([x, perm]): MovementCase => [`by [${perm.join(', ')}]`, [x], (value) => ops.Transpose(value, perm)],
    ),
  ),
  ...buildCases('Expand', [
    ...expanded.map(([x, like]): MovementCase => ['like', [x, like], (value, other) => ops.ExpandLike(value, other)]),
    ['to [2, 3]', [[1, 3]], (x) => applySingleOutputOp('Expand', [x, int64Vector([2, 3])], {})],
  ]),
  ...buildCases(
    'Pad',
    padded.map(([x, pads]): MovementCase => [`by [${pads.join(', ')}]`, [x], (value) => ops.Pad(value, pads)]),
  ),
  ...buildCases(
    'Slice',
    sliced.map(([x, starts, ends, axes]): MovementCase => {
      const description = `[${starts.join(', ')}] to [${ends.join(', ')}] along [${axes.join(', ')}]`;
      return [description, [x], (value) => ops.Slice(value, starts, ends, axes)];
    }),
  ),
  ...buildCases('Concat', [
    ['along 0', [[2], [3]], (a, b) => ops.Concat([a, b], 0)],
    [
      'along 1',
      [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      (a, b, c) => ops.Concat([a, b, c], 1),
    ],
    [
      'along -1',
      [
        ['n', 2],
        ['n', 3],
      ],
      (a, b) => ops.Concat([a, b], -1),
    ],
    [
      'along 1',
      [
        ['n', 2, 't'],
        ['n', 1, 't'],
      ],
      (a, b) => ops.Concat([a, b], 1),
    ],
    [
      'along 0, the same one twice',
      [
        [2, 3],
        [1, 3],
      ],
      (a, b) => ops.Concat([a, b, a], 0),
    ],
    ['of one', [[2, 3]], (a) => ops.Concat([a], 0)],
  ]),
  ...buildCases('Split', [
    ['all parts', [[5]], (x) => ops.Split(x, [2, 3], 0)],
    ['all parts', [['n', 6]], (x) => ops.Split(x, [1, 2, 3], 1)],
    ['a part that nobody uses', [['n', 6]], (x) => ops.Split(x, [1, 2, 3], -1).toSpliced(1, 1)],
    ['the last part alone', [['n', 't', 4]], (x) => ops.Split(x, [3, 1], 2)[1]!],
    [
      'one part twice',
      [[4, 2]],
      (x) =>
        ops
          .Split(x, [1, 3], 0)
          .toSpliced(0, 1)
          .flatMap((part) => [part, part]),
    ],
  ]),
  ...buildCases('Gather', [
    ['along 0', [[4, 2]], (x) => ops.Gather(x, indexConstant([2, 0]), 0)],
    ['repeated', [[4, 2]], (x) => ops.Gather(x, indexConstant([1, 1, 3, 1]), 0)],
    ['negative and repeated', [[4, 2]], (x) => ops.Gather(x, indexConstant([-1, 3, -4]), 0)],
    ['a matrix of indices', [[4, 3]], (x) => ops.Gather(x, indexConstant([0, 3, 3, -1, 0, 2], [2, 3]), 0)],
    ['a scalar index', [[4, 2]], (x) => ops.Gather(x, indexConstant([2], []), 0)],
    ['a scalar index of a vector', [[4]], (x) => ops.Gather(x, indexConstant([-2], []), 0)],
    ['a vector along 0', [[4]], (x) => ops.Gather(x, indexConstant([3, 3, 0]), 0)],
    ['along 1', [[2, 4, 3]], (x) => ops.Gather(x, indexConstant([3, 0, 3]), 1)],
    ['a scalar index along 1', [['n', 4, 3]], (x) => ops.Gather(x, indexConstant([-1], []), 1)],
    ['a matrix along 1', [['n', 4, 't']], (x) => ops.Gather(x, indexConstant([3, 0, 3, 1], [2, 2]), 1)],
    ['along -1', [[2, 3, 4]], (x) => ops.Gather(x, indexConstant([3, 1, 1]), -1)],
    ['along 2', [['n', 2, 3, 't']], (x) => ops.Gather(x, indexConstant([2, -1]), 2)],
    ['along an unknown size', [['n', 't', 3]], (x) => ops.Gather(x, indexConstant([1, 0, 1]), 1)],
    ['indices that are fed', [[5, 2], integerOperand(['n'], [4, 0, 4])], (x, indices) => ops.Gather(x, indices, 0)],
    [
      'a matrix that is fed',
      [[5, 2], integerOperand(['n', 't'], [4, 0, 4, 1, 1, -1])],
      (x, indices) => ops.Gather(x, indices, 0),
    ],
    [
      'both unknown',
      [['n', 't', 2], integerOperand(['t', 2], [1, 0, 1, 1])],
      (x, indices) => ops.Gather(x, indices, 1),
    ],
    ['rows of a scalar that is fed', [['n', 4], integerOperand([], [2])], (x, indices) => ops.Gather(x, indices, 0)],
  ]),
];
