import { normalizeAxis } from '../../graph/ops/input-checks.ts';
import { Add, Cast, Div, Mul, ReduceMean, ReduceSum, Reshape, Sqrt, Sub } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { GraphError } from '../../graph/value.ts';
import { allAxes, type GradientRule, scalarLike } from './gradient-rule.ts';

/** The gradient of x: (g s - mean(g s) - h mean(g s h)) / deviation, with h = (x - mean) / deviation */
export const layerNormalization: GradientRule<'LayerNormalization'> = ({
  inputs: [x, scale],
  outputs: [, meanOutput, inverseDeviationOutput],
  attributes,
  gradient,
  gradients,
}) => {
  if (gradients[1] ?? gradients[2]) throw new GraphError('the statistics of LayerNormalization have no gradient');
  const { dtype } = x.type;
  const [mean, inverseDeviation] = [Cast(meanOutput, dtype), Cast(inverseDeviationOutput, dtype)];
  const axes = allAxes(x).slice(normalizeAxis(attributes.axis, x.type.shape.length));
  const normed = Mul(Sub(x, mean), inverseDeviation);
  const scaled = Mul(gradient, scale);
  const projection = ReduceMean(Mul(scaled, normed), axes, true);
  const centred = Sub(Sub(scaled, ReduceMean(scaled, axes, true)), Mul(normed, projection));
  return [Mul(centred, inverseDeviation), Mul(gradient, normed), gradient];
};

/**
 * The gradients of x, scale, bias, mean and variance, each by itself. Where mean and variance are those of x, as in
 * training, their own gradients lead on to it.
 */
export const batchNormalization: GradientRule<'BatchNormalization'> = ({
  inputs: [x, scale, , mean, variance],
  attributes: { epsilon },
  gradient,
}) => {
  const rank = x.type.shape.length;
  const alignWithChannels = (value: Value) => Reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)]);
  const axes = allAxes(x).filter((axis) => axis !== 1);
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
