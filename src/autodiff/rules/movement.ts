import { knownSize, normalizeAxis } from '../../graph/ops/input-checks.ts';
import {
  Concat,
  ExpandLike,
  Flatten,
  Pad,
  Reshape,
  ScatterElements,
  Slice,
  Split,
  Transpose,
} from '../../graph/ops/operators.ts';
import { sliceRanges } from '../../graph/ops/slice-ranges.ts';
import { formatShape } from '../../graph/shape.ts';
import type { Value } from '../../graph/value.ts';
import { GraphError } from '../../graph/value.ts';
import { elementAt } from '../../util/arrays.ts';
import { type Application, allAxes, type GradientRule, reshapeToMatch, zerosLike } from './gradient-rule.ts';

/** The rule of Reshape, Flatten and Unsqueeze, which keep the order of the elements. */
export function reshape({
  inputs: [x],
  gradient,
}: Application<'Reshape'> | Application<'Flatten'> | Application<'Unsqueeze'>): [Value] {
  return [reshapeToMatch(gradient, x)];
}

export const transpose: GradientRule<'Transpose'> = ({ attributes: { perm }, gradient }) => [
  Transpose(gradient, invertPermutation(perm)),
];

/** The caller sums the gradient back to the shape of the input: Expand only broadcasts. */
export const expand: GradientRule<'Expand'> = ({ gradient }) => [gradient];

export const concat: GradientRule<'Concat'> = ({ inputs, attributes: { axis }, gradient }) => {
  const sizes = inputs.flatMap(({ type }) => type.shape.at(axis) ?? []);
  if (sizes.every((size) => typeof size === 'number')) return Split(gradient, sizes, axis);
  const shapes = inputs.map(({ type }) => formatShape(type.shape)).join(' and ');
  throw new GraphError(`a concatenation of ${shapes} has no gradient: the sizes along axis ${axis} must be known`);
};

export const split: GradientRule<'Split'> = ({ outputs, attributes: { axis }, gradients }) => [
  Concat(
    outputs.map((part, index) => gradients[index] ?? zerosLike(part)),
    axis,
  ),
];

/** The gradient with zeros around it. */
export const slice: GradientRule<'Slice'> = ({ inputs: [x, starts, ends, axes], gradient }) => {
  const { shape } = x.type;
  const pads = new Array<number>(2 * shape.length).fill(0);
  for (const { axis, size, start, end } of sliceRanges(shape, starts.data, ends.data, axes.data)) {
    pads[axis] = start;
    pads[axis + shape.length] = size - end;
  }
  return [Pad(gradient, pads)];
};

export const pad: GradientRule<'Pad'> = ({ inputs: [x, { data: pads }], gradient }) => {
  const rank = x.type.shape.length;
  const axes = allAxes(x).filter((axis) => pads[axis] !== 0 || pads[axis + rank] !== 0);
  if (axes.length === 0) return [gradient];
  const starts = axes.map((axis) => elementAt(pads, axis));
  const ends = axes.map((axis) => knownSize(gradient.type.shape, axis) - elementAt(pads, axis + rank));
  return [Slice(gradient, starts, ends, axes)];
};

/** Adds the gradients to the rows of a table, one after the other in one thread, so that the sum is the same every time. */
export const gather: GradientRule<'Gather'> = ({ inputs: [x, indices], attributes, gradient }) => {
  const axis = normalizeAxis(attributes.axis, x.type.shape.length);
  const indexRank = indices.type.shape.length;
  const axisFirst = moveAxesToFront(x, axis, 1);
  const table = Flatten(Transpose(x, axisFirst), 1);
  const rows = Flatten(Transpose(gradient, moveAxesToFront(gradient, axis, indexRank)), indexRank);
  const rowIndices = ExpandLike(Reshape(indices, [-1, 1]), rows);
  const sums = ScatterElements(zerosLike(table), rowIndices, rows, { axis: 0, reduction: 'add' });
  return [Transpose(reshapeToMatch(sums, Transpose(x, axisFirst)), invertPermutation(axisFirst))];
};

/** The permutation that brings `count` axes from `axis` on to the front. */
function moveAxesToFront(x: Value, axis: number, count: number): number[] {
  const axes = allAxes(x);
  return [...axes.splice(axis, count), ...axes];
}

function invertPermutation(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}
