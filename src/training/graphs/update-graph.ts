import type { GraphDefinition } from '../../graph/emit/emit.ts';
import { Add, Div, Greater, Mul, ReduceSum, Sqrt, Sub, Where } from '../../graph/ops/index.ts';
import { input, scalar, type Value } from '../../graph/value.ts';
import type { Variable } from './backward-graph.ts';

export interface AdamW {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients that are longer, all together, are shortened to this; infinity leaves them */
  readonly maxGradNorm: number;
}

/** PyTorch's defaults. */
export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
/** Of PyTorch's clip_grad_norm_: what is added to the norm that it divides by. */
const CLIP_EPSILON = 1e-6;

/**
 * One step of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) with decoupled decay on every variable, after clipping by
 * the norm of all gradients, as torch.optim.AdamW and clip_grad_norm_ compute them.
 *
 * | inputs | outputs |
 * |---|---|
 * | of each variable: `<key>`, `gradient/<key>`, `first/<key>` and `second/<key>`, its moments | `next/<key>`, `next/first/<key>`, `next/second/<key>` |
 * | scalars: `gradient_scale`, `rate/<group>`, `correction1` = 1 - beta1^t, `correction2` = sqrt(1 - beta2^t) | `grad_norm` before clipping |
 *
 * @param groupOf which learning rate a variable has
 */
export function updateGraph(
  variables: readonly Variable[],
  adamw: AdamW,
  groupOf: (key: string) => string,
): GraphDefinition {
  const scale = input('gradient_scale', 'float32', []);
  const correction1 = input('correction1', 'float32', []);
  const correction2 = input('correction2', 'float32', []);
  const rates = new Map<string, Value>();
  const rateOf = (group: string) => {
    const known = rates.get(group) ?? input(`rate/${group}`, 'float32', []);
    rates.set(group, known);
    return known;
  };
  const states = variables.map(({ key, shape }) => ({
    key,
    value: input(key, 'float32', shape),
    gradient: input(`gradient/${key}`, 'float32', shape),
    first: input(`first/${key}`, 'float32', shape),
    second: input(`second/${key}`, 'float32', shape),
  }));
  const norm = Mul(
    Sqrt(states.map(({ gradient }) => squareSum(gradient)).reduce((sum, part) => Add(sum, part))),
    scale,
  );
  const factor = Mul(scale, clipFactor(norm, adamw.maxGradNorm));
  const outputs: Record<string, Value> = { grad_norm: norm };
  for (const { key, value, gradient, first, second } of states) {
    const rate = rateOf(groupOf(key));
    const clipped = Mul(gradient, factor);
    const nextFirst = Add(Mul(first, scalar(adamw.beta1)), Mul(clipped, scalar(1 - adamw.beta1)));
    const nextSecond = Add(Mul(second, scalar(adamw.beta2)), Mul(Mul(clipped, clipped), scalar(1 - adamw.beta2)));
    const decayed = Mul(value, Sub(scalar(1), Mul(rate, scalar(adamw.weightDecay))));
    const deviation = Add(Div(Sqrt(nextSecond), correction2), scalar(adamw.epsilon));
    outputs[`next/${key}`] = Sub(decayed, Mul(Div(nextFirst, deviation), Div(rate, correction1)));
    outputs[`next/first/${key}`] = nextFirst;
    outputs[`next/second/${key}`] = nextSecond;
  }
  return { name: 'update', outputs };
}

function squareSum(x: Value): Value {
  const square = Mul(x, x);
  const axes = x.type.shape.map((_, axis) => axis);
  return axes.length === 0 ? square : ReduceSum(square, axes, false);
}

function clipFactor(norm: Value, most: number): Value {
  const one = scalar(1);
  if (!Number.isFinite(most)) return one;
  const factor = Div(scalar(most), Add(norm, scalar(CLIP_EPSILON)));
  return Where(Greater(factor, one), one, factor);
}
