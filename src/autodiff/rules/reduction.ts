import { normalizeAxis } from '../../graph/ops/input-checks.ts';
import { Cast, Div, Equal, ExpandLike, Mul, ReduceSum, Unsqueeze } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { type Application, type GradientRule, reductionSize } from './gradient-rule.ts';

type Reduction = Application<'ReduceMax' | 'ReduceMean' | 'ReduceSum'>;

/** Gives a reduced value back the axes that were reduced, with size one. */
function restoreAxes(value: Value, reduction: Reduction): Value {
  return reduction.attributes.keepdims ? value : Unsqueeze(value, reducedAxes(reduction));
}

function reducedAxes({ inputs: [x, axes] }: Reduction): readonly number[] {
  return axes.data.map((axis) => normalizeAxis(axis, x.type.shape.length));
}

export const reduceSum: GradientRule<'ReduceSum'> = (application) => {
  const [x] = application.inputs;
  return [ExpandLike(restoreAxes(application.gradient, application), x)];
};

export const reduceMean: GradientRule<'ReduceMean'> = (application) => {
  const [x] = application.inputs;
  const [y] = application.outputs;
  const meanGradient = Div(application.gradient, reductionSize(x, y));
  return [ExpandLike(restoreAxes(meanGradient, application), x)];
};

/** All elements that equal the maximum share its gradient. */
export const reduceMax: GradientRule<'ReduceMax'> = (application) => {
  const [x] = application.inputs;
  const [y] = application.outputs;
  const mask = Cast(Equal(x, restoreAxes(y, application)), x.type.dtype);
  const normalizedMask = Div(mask, ReduceSum(mask, reducedAxes(application), true));
  return [Mul(normalizedMask, restoreAxes(application.gradient, application))];
};
