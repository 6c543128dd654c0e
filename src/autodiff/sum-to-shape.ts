import { ReduceSum } from '../graph/ops/operators.ts';
import { formatShape, type Shape, sameShape } from '../graph/shape.ts';
import type { Value } from '../graph/value.ts';
import { GraphError } from '../graph/value.ts';

/** Undoes broadcasting: the gradient of an element is the sum of the gradients of all its copies. */
export function sumToShape(gradient: Value, shape: Shape): Value {
  const from = gradient.type.shape;
  if (sameShape(from, shape)) return gradient;
  const addedRank = from.length - shape.length;
  const leadingAxes = Array.from({ length: Math.max(0, addedRank) }, (_, axis) => axis);
  const broadcastAxes = shape.flatMap((dim, axis) => (dim === 1 && from[axis + addedRank] !== 1 ? [axis] : []));
  let sum = leadingAxes.length > 0 ? ReduceSum(gradient, leadingAxes, false) : gradient;
  if (broadcastAxes.length > 0) sum = ReduceSum(sum, broadcastAxes, true);
  if (sameShape(sum.type.shape, shape)) return sum;
  throw new GraphError(`a gradient of ${formatShape(from)} does not belong to a value of ${formatShape(shape)}`);
}
