import { And, Cast, Equal, Gather, Not, Range, Shape, Unsqueeze } from '../../graph/ops/index.ts';
import { constant, type Value } from '../../graph/value.ts';

/** The row numbers of a value: (n, …) -> int64 (n) */
export function rowNumbers(x: Value): Value {
  const count = Gather(Shape(x), constant('int64', [], [0]), 0);
  return Range(constant('int64', [], [0]), count, constant('int64', [], [1]));
}

/** Whether two vectors of numbers agree, each with each: int64 (n), (m) -> bool (n, m) */
export function agree(a: Value, b: Value): Value {
  return Equal(Unsqueeze(a, [1]), Unsqueeze(b, [0]));
}

/** Ones for other rows with the same number: int64 (n) -> float32 (n, n) */
export function otherOfSame(numbers: Value): Value {
  const rows = rowNumbers(numbers);
  return Cast(And(agree(numbers, numbers), Not(agree(rows, rows))), 'float32');
}
