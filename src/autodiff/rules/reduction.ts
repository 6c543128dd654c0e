import { axisOf } from '../../graph/ops/expect.ts';
import { Cast, Div, Equal, ExpandLike, Mul, ReduceSum, Unsqueeze } from '../../graph/ops/index.ts';
import type { ConstantValue, Value } from '../../graph/value.ts';
import { elementsPer, type Rule } from './rule.ts';

interface Reduced {
  readonly inputs: readonly Value[];
  readonly attributes: { readonly keepdims: boolean };
}

/** With ones for the axes that were reduced. */
function kept(value: Value, { inputs, attributes }: Reduced): Value {
  return attributes.keepdims ? value : Unsqueeze(value, axesOf(inputs));
}

function axesOf(inputs: readonly Value[]): readonly number[] {
  const { length } = inputs[0]!.type.shape;
  return (inputs[1] as ConstantValue).data.map((axis) => axisOf(axis, length));
}

export const reduceSum: Rule<'ReduceSum'> = (sum) => [ExpandLike(kept(sum.gradient, sum), sum.inputs[0]!)];

export const reduceMean: Rule<'ReduceMean'> = (mean) => {
  const x = mean.inputs[0]!;
  const share = Div(mean.gradient, elementsPer(x, mean.outputs[0]!));
  return [ExpandLike(kept(share, mean), x)];
};

/** Shared by all that are as large as the largest. */
export const reduceMax: Rule<'ReduceMax'> = (largest) => {
  const x = largest.inputs[0]!;
  const those = Cast(Equal(x, kept(largest.outputs[0]!, largest)), x.type.dtype);
  const shares = Div(those, ReduceSum(those, axesOf(largest.inputs), true));
  return [Mul(shares, kept(largest.gradient, largest))];
};
