import { GraphError } from '../../graph/graph-error.ts';
import { normalizeAxis } from '../../graph/ops/input-checks.ts';
import { Add, Cast, Div, Mul, ReduceMean, ReduceSum, Reshape, Sqrt, Sub } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { type GradientRule, scalarLike } from './gradient-rule.ts';

/** With h = (x - mean) / deviation: (g s - mean(g s) - h mean(g s h)) / deviation */
export const layerNormalization: GradientRule<'LayerNormalization'> = ({
  inputs,
  outputs,
  attributes,
  gradient,
  gradients,
}) => {
  if (gradients[1] ?? gradients[2]) throw new GraphError('the statistics of LayerNormalization have no gradient');
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const [mean, inverseDeviation] = outputs.slice(1).map((value) => Cast(value, x.type.dtype)) as [Value, Value];
  const rank = x.type.shape.length;
  const firstAxis = normalizeAxis(attributes.axis, rank);
  const axes = Array.from({ length: rank - firstAxis }, (_, i) => firstAxis + i);
  const normed = Mul(Sub(x, mean), inverseDeviation);
  const scaled = Mul(gradient, scale);
  const projection = ReduceMean(Mul(scaled, normed), axes, true);
  const centred = Sub(Sub(scaled, ReduceMean(scaled, axes, true)), Mul(normed, projection));
  return [Mul(centred, inverseDeviation), Mul(gradient, normed), gradient];
};

/**
 * Of x, scale, bias, mean and variance, each by itself. Where mean and variance are those of x, as in training, their own
 * gradients lead on to it.
 */
export const batchNormalization: GradientRule<'BatchNormalization'> = ({
  inputs,
  attributes: { epsilon },
  gradient,
}) => {
  const [x, scale, , mean, variance] = inputs as [Value, Value, Value, Value, Value];
  const rank = x.type.shape.length;
  const alignWithChannels = (value: Value) => Reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)]);
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const inverseDeviation = Div(scalarLike(x, 1), Sqrt(Add(variance, scalarLike(x, epsilon))));
  const normed = Mul(Sub(x, alignWithChannels(mean)), alignWithChannels(inverseDeviation));
  const channelFactor = Mul(scale, inverseDeviation);
  const biasGradient = ReduceSum(gradient, axes, false);
  const scaleGradient = ReduceSum(Mul(gradient, normed), axes, false);
  return [
    Mul(gradient, alignWithChannels(channelFactor)),
    scaleGradient,
    biasGradient,
    Mul(Mul(channelFactor, biasGradient), scalarLike(x, -1)),
    Mul(Mul(Mul(channelFactor, inverseDeviation), scaleGradient), scalarLike(x, -0.5)),
  ];
};
