import { GraphError } from '../graph/graph-error.ts';
import { ReduceSum } from '../graph/ops/index.ts';
import { formatShape, type Shape, sameShape } from '../graph/shape.ts';
import type { Value } from '../graph/value.ts';

/** Undoes broadcasting: what went to many places is the sum of what comes back from them. */
export function sumTo(gradient: Value, shape: Shape): Value {
  const from = gradient.type.shape;
  if (sameShape(from, shape)) return gradient;
  const added = from.length - shape.length;
  const leading = Array.from({ length: Math.max(0, added) }, (_, axis) => axis);
  const stretched = shape.flatMap((dim, axis) => (dim === 1 && from[axis + added] !== 1 ? [axis] : []));
  let sum = leading.length > 0 ? ReduceSum(gradient, leading, false) : gradient;
  if (stretched.length > 0) sum = ReduceSum(sum, stretched, true);
  if (sameShape(sum.type.shape, shape)) return sum;
  throw new GraphError(`a gradient of ${formatShape(from)} does not belong to a value of ${formatShape(shape)}`);
}
