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

/** The smallest norm to divide by, as in PyTorch's F.normalize. Applied under the root, so that a row of zeros has the gradient 0. */
const MIN_NORM = 1e-12;

/** Scales rows to unit length: (n, d) -> (n, d). */
export function l2Normalize(x: Value): Value {
  return Div(x, Sqrt(Max(ReduceSum(Mul(x, x), [1], true), scalar(MIN_NORM ** 2))));
}

/** Cosines over the temperature, of rows of unit length: (n, d), (m, d) -> (n, m). */
export function similarities(a: Value, b: Value, temperature: number): Value {
  return Div(MatMul(a, Transpose(b, [1, 0])), scalar(temperature));
}

/** Log-sum-exp of rows: (n, m) -> (n, 1). The shift by the row's maximum cancels, so that no gradient flows through it. */
export function logSumExp(x: Value): Value {
  const rowMax = Detach(ReduceMax(x, [1], true));
  return Add(Log(ReduceSum(Exp(Sub(x, rowMax)), [1], true)), rowMax);
}

/** The mean of the values whose mask is one: both of one shape -> scalar. Zero for an empty mask. */
export function maskedMean(values: Value, mask: Value): Value {
  const axes = values.type.shape.map((_, axis) => axis);
  const count = Max(ReduceSum(mask, axes, false), scalar(1));
  return Div(ReduceSum(Mul(values, mask), axes, false), count);
}
