import type { Attributes, OpName } from '../../graph/ops/op-attributes.ts';
import { Cast, Div, ExpandLike, Reshape, ReshapeLike, Size, Transpose } from '../../graph/ops/operators.ts';
import { elementCount, sameShape } from '../../graph/shape.ts';
import { type ConstantValue, constant, type OpNode, type Value } from '../../graph/value.ts';

/** One application of an operator, as its gradient sees it. */
export interface Application<K extends OpName> {
  readonly node: OpNode<K>;
  readonly attributes: Attributes[K];
  /** All that are there; an optional input that was left out must not be asked for */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Of the loss with respect to each output: undefined where the loss does not depend on it */
  readonly gradients: readonly (Value | undefined)[];
  /** Of the first output, for the many operators that have only one */
  readonly gradient: Value;
}

/**
 * From the gradients of the outputs to those of the inputs, in order. Undefined, or nothing, where none flows. A gradient
 * may have the broadcast shape: whoever asked sums it back.
 */
export type GradientRule<K extends OpName> = (application: Application<K>) => readonly (Value | undefined)[];

/** A scalar of the type of `x`. */
export function scalarLike(x: Value, value: number): ConstantValue {
  return constant(x.type.dtype, [], [value]);
}

export function zerosLike(x: Value): Value {
  return ExpandLike(scalarLike(x, 0), x);
}

/** The same elements in the shape of `like`, which has as many. */
export function reshapeToMatch(x: Value, like: Value): Value {
  const { shape } = like.type;
  if (sameShape(x.type.shape, shape)) return x;
  const unknownCount = shape.filter((dim) => typeof dim === 'string').length;
  if (unknownCount > 1 || shape.includes(0)) return ReshapeLike(x, like);
  return Reshape(
    x,
    shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
  );
}

/** How many elements of `x` there are for each of `reduced`, as a scalar of the type of `x`. */
export function reductionSize(x: Value, reduced: Value): Value {
  const sizes = [x, reduced].map(({ type }) => type.shape);
  if (sizes.every((shape): shape is number[] => shape.every((dim) => typeof dim === 'number'))) {
    const [total, remaining] = sizes.map(elementCount) as [number, number];
    return scalarLike(x, total / remaining);
  }
  const [total, remaining] = [x, reduced].map((value) => Cast(Size(value), x.type.dtype)) as [Value, Value];
  return Div(total, remaining);
}

/** The last two axes exchanged. */
export function swapLastAxes(x: Value): Value {
  const rank = x.type.shape.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return Transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}
