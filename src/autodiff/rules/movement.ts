import { GraphError } from '../../graph/graph-error.ts';
import { normalizeAxis } from '../../graph/ops/input-checks.ts';
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
import { formatShape } from '../../graph/shape.ts';
import type { ConstantValue, Value } from '../../graph/value.ts';
import { type Application, type GradientRule, reshapeToMatch, zerosLike } from './gradient-rule.ts';

/** The elements keep their order: Reshape, Flatten, Unsqueeze. */
export function reshape({ inputs, gradient }: Application<'Reshape' | 'Flatten' | 'Unsqueeze'>): [Value] {
  return [reshapeToMatch(gradient, inputs[0]!)];
}

export const transpose: GradientRule<'Transpose'> = ({ attributes: { perm }, gradient }) => [
  Transpose(gradient, invertPermutation(perm)),
];

/** Summed back by whoever asked: it is broadcasting and nothing else. */
export const expand: GradientRule<'Expand'> = ({ gradient }) => [gradient];

export const concat: GradientRule<'Concat'> = ({ inputs, attributes: { axis }, gradient }) => {
  const sizes = inputs.map(({ type }) => type.shape.at(axis)!);
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

/** Zeros around it. */
export const slice: GradientRule<'Slice'> = ({ inputs, gradient }) => {
  const { shape } = inputs[0]!.type;
  const [starts, , axes] = inputs.slice(1).map((value) => (value as ConstantValue).data);
  const pads = new Array<number>(2 * shape.length).fill(0);
  for (const [i, givenAxis] of axes!.entries()) {
    const axis = normalizeAxis(givenAxis, shape.length);
    const size = shape[axis] as number;
    const clamp = (index: number) => Math.max(0, Math.min(size, index < 0 ? index + size : index));
    pads[axis] = clamp(starts![i]!);
    pads[axis + shape.length] = size - clamp(starts![i]!) - (gradient.type.shape[axis] as number);
  }
  return [Pad(gradient, pads)];
};

export const pad: GradientRule<'Pad'> = ({ inputs, gradient }) => {
  const pads = (inputs[1] as ConstantValue).data;
  const rank = inputs[0]!.type.shape.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter(
    (axis) => pads[axis] !== 0 || pads[axis + rank] !== 0,
  );
  if (axes.length === 0) return [gradient];
  const starts = axes.map((axis) => pads[axis]!);
  const ends = axes.map((axis) => (gradient.type.shape[axis] as number) - pads[axis + rank]!);
  return [Slice(gradient, starts, ends, axes)];
};

/** Added up in rows of a table: one after the other in one thread, so the sum is the same every time. */
export const gather: GradientRule<'Gather'> = ({ inputs, attributes, gradient }) => {
  const [x, indices] = [inputs[0]!, inputs[1]!];
  const rank = x.type.shape.length;
  const axis = normalizeAxis(attributes.axis, rank);
  const indexRank = indices.type.shape.length;
  const axisFirst = moveAxesToFront(rank, axis, 1);
  const table = Flatten(Transpose(x, axisFirst), 1);
  const rows = Flatten(Transpose(gradient, moveAxesToFront(gradient.type.shape.length, axis, indexRank)), indexRank);
  const rowIndices = ExpandLike(Reshape(indices, [-1, 1]), rows);
  const sums = ScatterElements(zerosLike(table), rowIndices, rows, { axis: 0, reduction: 'add' });
  return [Transpose(reshapeToMatch(sums, Transpose(x, axisFirst)), invertPermutation(axisFirst))];
};

/** The permutation that brings `count` axes from `axis` on to the front. */
function moveAxesToFront(rank: number, axis: number, count: number): number[] {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return [...axes.splice(axis, count), ...axes];
}

function invertPermutation(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}
