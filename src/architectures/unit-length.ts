import { Div, Max, Mul, ReduceSum, Sqrt } from '../graph/ops/operators.ts';
import { scalar, type Value } from '../graph/value.ts';

/** Squared norms below it count as this: a vector of zeros stays zero, and has finite gradients. */
const MIN_SQUARED_NORM = 1e-24;

/** Each row divided by its norm: (n, k) -> (n, k). LpNormalization has no finite gradient at zero, where absent texts are. */
export function unitLength(x: Value): Value {
  const squaredNorm = ReduceSum(Mul(x, x), [1], true);
  return Div(x, Sqrt(Max(squaredNorm, scalar(MIN_SQUARED_NORM))));
}
