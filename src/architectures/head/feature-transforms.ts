import { Div, Max, Mul, ReduceSum, Sign, Sqrt } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';

/** Squared norms below it count as this: a vector of zeros stays zero, and has finite gradients. */
const MIN_SQUARED_NORM = 1e-24;

/**
 * sign(x) sqrt(|x|) of each number. Pooled features of networks with ReLU are skewed; their roots are closer to normal, so that
 * a few large features decide less. The gradient at 0 is infinite: only for features that are inputs.
 */
export function signedSqrt(x: Value): Value {
  const sign = Sign(x);
  return Mul(sign, Sqrt(Mul(sign, x)));
}

/** Each row divided by its norm: (n, k) -> (n, k). LpNormalization has no finite gradient at zero, where absent texts are. */
export function unitLength(x: Value): Value {
  const squaredNorm = ReduceSum(Mul(x, x), [1], true);
  return Div(x, Sqrt(Max(squaredNorm, scalar(MIN_SQUARED_NORM))));
}
