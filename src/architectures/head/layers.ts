import { BatchNormalization, Gemm, LayerNormalization } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';

/** PyTorch's defaults for nn.LayerNorm and nn.BatchNorm1d. */
const EPSILON = 1e-5;

/** nn.Linear: (n, in) -> (n, out), weights (out, in) as PyTorch stores them */
export function linear(weights: WeightSource, prefix: string, x: Value, out: number): Value {
  const width = x.type.shape.at(-1) as number;
  const weight = weights.parameter(`${prefix}.weight`, [out, width]);
  const bias = weights.parameter(`${prefix}.bias`, [out]);
  return Gemm(x, weight, bias, { transB: true }, prefix);
}

/** nn.LayerNorm over the last axis: (n, d) -> (n, d) */
export function layerNorm(weights: WeightSource, prefix: string, x: Value): Value {
  const width = x.type.shape.at(-1) as number;
  const scale = weights.parameter(`${prefix}.weight`, [width]);
  const bias = weights.parameter(`${prefix}.bias`, [width]);
  return LayerNormalization(x, scale, bias, { axis: -1, epsilon: EPSILON }, prefix);
}

/** nn.BatchNorm1d with its running statistics: (n, d) -> (n, d) */
export function batchNorm(weights: WeightSource, prefix: string, x: Value): Value {
  const width = x.type.shape.at(-1) as number;
  const vector = (name: string) => weights.parameter(`${prefix}.${name}`, [width]);
  const statistics = {
    scale: vector('weight'),
    bias: vector('bias'),
    mean: vector('running_mean'),
    variance: vector('running_var'),
  };
  return BatchNormalization(x, statistics, EPSILON, prefix);
}
