import { normalizeAxis } from '../../graph/ops/input-checks.ts';
import { Cast, Div, Equal, ExpandLike, Mul, ReduceSum, Unsqueeze } from '../../graph/ops/operators.ts';
import type { ConstantValue, Value } from '../../graph/value.ts';
import { type GradientRule, reductionSize } from './gradient-rule.ts';

interface Reduction {
  readonly inputs: readonly Value[];
  readonly attributes: { readonly keepdims: boolean };
}

/** With ones for the axes that were reduced. */
function restoreAxes(value: Value, { inputs, attributes }: Reduction): Value {
  return attributes.keepdims ? value : Unsqueeze(value, reducedAxes(inputs));
}

function reducedAxes(inputs: readonly Value[]): readonly number[] {
  const { length } = inputs[0]!.type.shape;
  return (inputs[1] as ConstantValue).data.map((axis) => normalizeAxis(axis, length));
}

export const reduceSum: GradientRule<'ReduceSum'> = (application) => [
  ExpandLike(restoreAxes(application.gradient, application), application.inputs[0]!),
];

export const reduceMean: GradientRule<'ReduceMean'> = (application) => {
  const x = application.inputs[0]!;
  const meanGradient = Div(application.gradient, reductionSize(x, application.outputs[0]!));
  return [ExpandLike(restoreAxes(meanGradient, application), x)];
};

/** Shared by all that are as large as the largest. */
export const reduceMax: GradientRule<'ReduceMax'> = (application) => {
  const x = application.inputs[0]!;
  const mask = Cast(Equal(x, restoreAxes(application.outputs[0]!, application)), x.type.dtype);
  const normalizedMask = Div(mask, ReduceSum(mask, reducedAxes(application.inputs), true));
  return [Mul(normalizedMask, restoreAxes(application.gradient, application))];
};
