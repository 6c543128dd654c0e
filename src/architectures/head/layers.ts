import { Gemm, LayerNormalization } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchNorm } from '../batch-norm.ts';

/** Default of nn.LayerNorm and nn.BatchNorm1d in PyTorch */
const EPSILON = 1e-5;

/** nn.Linear: (n, in) -> (n, out), with weights (out, in) */
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

/** Layers that differ between inference and training. */
export interface HeadMode {
  /** nn.Dropout: (n, d) -> (n, d). It has no weights; `layer` is the key that it would have. */
  dropout(x: Value, layer: string): Value;
  /** nn.BatchNorm1d: (n, d) -> (n, d) */
  batchNorm(weights: WeightSource, prefix: string, x: Value): Value;
}

/** Inference: no dropout, and BatchNorm uses running statistics. */
export const EVALUATION: HeadMode = {
  dropout: (x) => x,
  batchNorm: (weights, prefix, x) => batchNorm(weights, prefix, x, EPSILON, prefix),
};
