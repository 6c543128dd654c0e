import { GraphError } from '../../graph/graph-error.ts';
import { axisOf } from '../../graph/ops/expect.ts';
import { Add, Cast, Div, Mul, ReduceMean, ReduceSum, Reshape, Sqrt, Sub } from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import { number, type Rule } from './rule.ts';

/** With h = (x - mean) / deviation: (g s - mean(g s) - h mean(g s h)) / deviation */
export const layerNormalization: Rule<'LayerNormalization'> = ({
  inputs,
  outputs,
  attributes,
  gradient,
  gradients,
}) => {
  if (gradients[1] ?? gradients[2]) throw new GraphError('the statistics of LayerNormalization have no gradient');
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const [mean, inverse] = outputs.slice(1).map((value) => Cast(value, x.type.dtype)) as [Value, Value];
  const rank = x.type.shape.length;
  const first = axisOf(attributes.axis, rank);
  const axes = Array.from({ length: rank - first }, (_, at) => first + at);
  const normed = Mul(Sub(x, mean), inverse);
  const scaled = Mul(gradient, scale);
  const along = ReduceMean(Mul(scaled, normed), axes, true);
  const centred = Sub(Sub(scaled, ReduceMean(scaled, axes, true)), Mul(normed, along));
  return [Mul(centred, inverse), Mul(gradient, normed), gradient];
};

/**
 * Of x, scale, bias, mean and variance, each by itself. Where mean and variance are those of x, as in training, their own
 * gradients lead on to it.
 */
export const batchNormalization: Rule<'BatchNormalization'> = ({ inputs, attributes: { epsilon }, gradient }) => {
  const [x, scale, , mean, variance] = inputs as [Value, Value, Value, Value, Value];
  const rank = x.type.shape.length;
  const overAll = (value: Value) => Reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)]);
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const inverse = Div(number(x, 1), Sqrt(Add(variance, number(x, epsilon))));
  const normed = Mul(Sub(x, overAll(mean)), overAll(inverse));
  const share = Mul(scale, inverse);
  const sum = ReduceSum(gradient, axes, false);
  const toScale = ReduceSum(Mul(gradient, normed), axes, false);
  return [
    Mul(gradient, overAll(share)),
    toScale,
    sum,
    Mul(Mul(share, sum), number(x, -1)),
    Mul(Mul(Mul(share, inverse), toScale), number(x, -0.5)),
  ];
};
