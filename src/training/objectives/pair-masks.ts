import { And, Cast, Equal, Gather, Not, Range, Shape, Unsqueeze } from '../../graph/ops/operators.ts';
import { constant, type Value } from '../../graph/value.ts';

/** The row indices of a value: (n, …) -> int64 (n). */
export function rowIndices(x: Value): Value {
  const count = Gather(Shape(x), constant('int64', [], [0]), 0);
  return Range(constant('int64', [], [0]), count, constant('int64', [], [1]));
}

/** Pairwise equality of two integer vectors: int64 (n), (m) -> bool (n, m). */
export function pairwiseEqual(a: Value, b: Value): Value {
  return Equal(Unsqueeze(a, [1]), Unsqueeze(b, [0]));
}

/** Ones for pairs of different rows of one group: int64 (n) -> float32 (n, n). */
export function sameGroupMask(groups: Value): Value {
  const rows = rowIndices(groups);
  return Cast(And(pairwiseEqual(groups, groups), Not(pairwiseEqual(rows, rows))), 'float32');
}
