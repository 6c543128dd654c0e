import { Mul, Sign, Sqrt } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';

/**
 * sign(x) sqrt(|x|) of each number. Pooled features of networks with ReLU are skewed; their roots are closer to normal, so that
 * a few large features decide less. The gradient at 0 is infinite: only for features that are inputs.
 */
export function signedSqrt(x: Value): Value {
  const sign = Sign(x);
  return Mul(sign, Sqrt(Mul(sign, x)));
}
