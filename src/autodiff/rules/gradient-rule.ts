import type { Attributes, OpName } from '../../graph/ops/op-attributes.ts';
import { Cast, Div, ExpandLike, Reshape, ReshapeLike, Size, Transpose } from '../../graph/ops/operators.ts';
import { elementCount, type Shape, sameShape } from '../../graph/shape.ts';
import {
  type ConstantValue,
  constant,
  type NodeInputs,
  type NodeOutputs,
  type OpNode,
  type Value,
} from '../../graph/value.ts';

/** One application of an operator, as its gradient rule sees it. */
export interface Application<K extends OpName> {
  readonly node: OpNode<K>;
  readonly attributes: Attributes[K];
  readonly inputs: NodeInputs<K>;
  readonly outputs: NodeOutputs<K>;
  /** Gradients of the loss with respect to each output: undefined where the loss does not depend on it */
  readonly gradients: readonly (Value | undefined)[];
  /** The gradient of the first output, for the many operators that have only one */
  readonly gradient: Value;
}

/**
 * Makes the gradients of the inputs, in order, from those of the outputs. Undefined, or nothing, where none flows. A
 * gradient may have the broadcast shape: the caller sums it back.
 */
export type GradientRule<K extends OpName> = (application: Application<K>) => readonly (Value | undefined)[];

/** A scalar of the type of `x`. */
export function scalarLike(x: Value, value: number): ConstantValue {
  return constant(x.type.dtype, [], [value]);
}

export function zerosLike(x: Value): Value {
  return ExpandLike(scalarLike(x, 0), x);
}

/** Reshapes `x` to the shape of `like`, which has as many elements. */
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

/** The number of elements of `x` for each element of `reduced`, as a scalar of the type of `x`. */
export function reductionSize(x: Value, reduced: Value): Value {
  const [total, remaining] = [knownElementCount(x), knownElementCount(reduced)];
  if (total !== undefined && remaining !== undefined) return scalarLike(x, total / remaining);
  const { dtype } = x.type;
  return Div(Cast(Size(x), dtype), Cast(Size(reduced), dtype));
}

function knownElementCount({ type: { shape } }: Value): number | undefined {
  const isKnown = (sizes: Shape): sizes is readonly number[] => sizes.every((size) => typeof size === 'number');
  return isKnown(shape) ? elementCount(shape) : undefined;
}

/** The indices of all axes of a value. */
export function allAxes(x: Value): number[] {
  return Array.from(x.type.shape.keys());
}

/** Exchanges the last two axes. */
export function swapLastAxes(x: Value): Value {
  const rank = x.type.shape.length;
  return Transpose(x, [...allAxes(x).slice(0, -2), rank - 1, rank - 2]);
}
