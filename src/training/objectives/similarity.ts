import {
  Add,
  Detach,
  Div,
  Exp,
  Log,
  MatMul,
  Max,
  Mul,
  ReduceMax,
  ReduceSum,
  Sqrt,
  Sub,
  Transpose,
} from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';

/** PyTorch's F.normalize: no vector is divided by less. Under the root, so that a row of zeros has a gradient: none. */
const MIN_NORM = 1e-12;

/** Rows of unit length: (n, d) -> (n, d) */
export function l2Normalize(x: Value): Value {
  return Div(x, Sqrt(Max(ReduceSum(Mul(x, x), [1], true), scalar(MIN_NORM ** 2))));
}

/** Rows (n, d) and (m, d) of unit length -> cosines over the temperature (n, m) */
export function similarities(a: Value, b: Value, temperature: number): Value {
  return Div(MatMul(a, Transpose(b, [1, 0])), scalar(temperature));
}

/** (n, m) -> (n, 1). Shifted by the largest, which is a constant to the gradient: it cancels. */
export function logSumExp(x: Value): Value {
  const rowMax = Detach(ReduceMax(x, [1], true));
  return Add(Log(ReduceSum(Exp(Sub(x, rowMax)), [1], true)), rowMax);
}

/** Mean of values over what `shares`, of the same shape, is one for: both any shape -> scalar. Of nothing, it is zero. */
export function maskedMean(values: Value, mask: Value): Value {
  const axes = values.type.shape.map((_, axis) => axis);
  const count = Max(ReduceSum(mask, axes, false), scalar(1));
  return Div(ReduceSum(Mul(values, mask), axes, false), count);
}
