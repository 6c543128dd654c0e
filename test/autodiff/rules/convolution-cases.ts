import type { Attributes, HeightWidth, Padding } from '../../../src/graph/ops/op-attributes.ts';
import * as ops from '../../../src/graph/ops/operators.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import { formatShapes, type RuleCase } from './gradient-rule-case.ts';
import { referenceConv, referenceGlobalAveragePool } from './reference-operators.ts';

const NO_PADS = [0, 0, 0, 0] as const;

/** x, weights, strides, padding and groups; each with a bias and without */
const CONVOLUTIONS: readonly (readonly [Shape, Shape, HeightWidth, Padding, number])[] = [
  [[2, 3, 5, 4], [2, 3, 1, 1], [1, 1], NO_PADS, 1],
  [[2, 3, 5, 4], [2, 3, 1, 1], [2, 2], NO_PADS, 1],
  [['n', 2, 5, 6], [4, 2, 3, 3], [1, 1], NO_PADS, 1],
  [['n', 2, 5, 6], [4, 2, 3, 3], [1, 1], [1, 1, 1, 1], 1],
  [['n', 2, 5, 6], [4, 2, 3, 3], [2, 2], [1, 1, 1, 1], 1],
  [['n', 2, 6, 7], [4, 2, 3, 3], [3, 2], [1, 1, 1, 1], 1],
  [[2, 2, 5, 6], [3, 2, 3, 2], [2, 1], [0, 1, 2, 0], 1],
  [[1, 2, 8, 9], [2, 2, 3, 3], [4, 4], NO_PADS, 1],
  [['n', 1, 9, 9], [2, 1, 7, 7], [2, 2], [3, 3, 3, 3], 1],
  [['n', 1, 7, 7], [2, 1, 7, 7], [1, 1], NO_PADS, 1],
  [['n', 2, 6, 4], [3, 2, 2, 2], [2, 2], NO_PADS, 1],
  [['n', 2, 7, 5], [3, 2, 2, 2], [2, 2], NO_PADS, 1],
  [[2, 2, 6, 6], [2, 2, 3, 3], [3, 3], NO_PADS, 1],
  [['n', 2, 5, 6], [3, 2, 3, 3], [1, 1], 'same', 1],
  [['n', 2, 5, 6], [3, 2, 3, 3], [2, 2], 'same', 1],
  [['n', 2, 6, 6], [3, 2, 2, 4], [1, 2], 'same', 1],
  [[2, 2, 5, 5], [3, 2, 1, 1], [2, 2], 'same', 1],
  [[2, 4, 4, 5], [6, 2, 3, 3], [1, 1], [1, 1, 1, 1], 2],
  [['n', 4, 5, 5], [2, 2, 3, 3], [2, 2], [0, 1, 1, 0], 2],
  [['n', 4, 5, 5], [4, 2, 3, 3], [2, 2], 'same', 2],
  [['n', 3, 5, 4], [3, 1, 3, 3], [1, 1], [1, 1, 1, 1], 3],
  [['n', 3, 5, 4], [6, 1, 3, 3], [2, 2], 'same', 3],
];

const MAX_POOLS: readonly (readonly [Shape, Attributes['MaxPool']])[] = [
  [[2, 2, 4, 4], { kernel: [2, 2], strides: [2, 2], padding: NO_PADS }],
  [['n', 2, 5, 4], { kernel: [2, 2], strides: [2, 2], padding: NO_PADS }],
  [['n', 2, 4, 5], { kernel: [3, 3], strides: [1, 1], padding: NO_PADS }],
  [['n', 2, 5, 5], { kernel: [3, 3], strides: [2, 2], padding: [1, 1, 1, 1] }],
  [[2, 1, 5, 6], { kernel: [3, 2], strides: [1, 2], padding: [1, 0, 0, 1] }],
  [['n', 2, 5, 4], { kernel: [3, 3], strides: [2, 2], padding: 'same' }],
  [[1, 2, 6, 6], { kernel: [2, 2], strides: [3, 3], padding: NO_PADS }],
  [['n', 2, 't', 'n'], { kernel: [2, 2], strides: [1, 1], padding: NO_PADS }],
];

const AVERAGE_POOL_SHAPES: readonly Shape[] = [
  [2, 3, 4, 4],
  ['n', 3, 3, 2],
  ['n', 2, 5],
  ['n', 2, 't', 't'],
  [1, 2, 2, 3, 2],
];

export const CONVOLUTION_CASES: readonly RuleCase[] = [
  ...CONVOLUTIONS.flatMap(([x, weight, strides, padding, group]) =>
    [
      [x, weight],
      [x, weight, [weight[0]!]],
    ].map((operands): RuleCase => {
      const options = { strides, padding, group };
      const pads = padding === 'same' ? padding : `[${padding.join(', ')}]`;
      return {
        op: 'Conv',
        description: `${formatShapes(operands)} strides ${strides.join(', ')}, pads ${pads}, groups ${group}`,
        operands,
        build: (image, kernel, bias) => ops.Conv(image, kernel, bias, options),
        reference: (image, kernel, bias) => referenceConv(options, image, kernel, bias),
      };
    }),
  ),
  ...MAX_POOLS.map(
    ([x, options]): RuleCase => ({
      op: 'MaxPool',
      description: `${formatShapes([x])} kernel ${options.kernel.join(', ')}, strides ${options.strides.join(', ')}, pads ${options.padding}`,
      operands: [x],
      build: (image) => ops.MaxPool(image, options),
    }),
  ),
  ...AVERAGE_POOL_SHAPES.map(
    (x): RuleCase => ({
      op: 'GlobalAveragePool',
      description: formatShapes([x]),
      operands: [x],
      build: (image) => ops.GlobalAveragePool(image),
      reference: referenceGlobalAveragePool,
    }),
  ),
];
