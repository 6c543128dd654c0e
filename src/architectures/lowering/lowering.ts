import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';

/** A weight matrix (out, in) and its bias (out), by the key of the layer that has them. */
export interface Linear {
  readonly weights: WeightSource;
  readonly key: string;
  readonly out: number;
}

/** Scale and shift (d) of a LayerNorm, by its key. */
export interface Norm {
  readonly weights: WeightSource;
  readonly key: string;
  readonly epsilon: number;
}

/** The four projections of an attention layer, each (n, t, d) -> (n, t, d). */
export interface Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly heads: number;
  /** int64 (n, t): ones for positions that are attended to */
  readonly mask?: Value | undefined;
}

/**
 * How the parts of a transformer are written. One definition of a backbone is emitted in two forms that compute the same:
 * in standard operators, which have gradients, and in the fused ones that ONNX Runtime runs fastest.
 */
export interface Lowering {
  /** (…, in) -> (…, out) */
  linear(x: Value, linear: Linear): Value;
  /** Gelu after a linear layer: (…, in) -> (…, out) */
  linearGelu(x: Value, linear: Linear, approximate: 'none' | 'tanh'): Value;
  /** (…, d) -> (…, d) */
  norm(x: Value, norm: Norm): Value;
  /** sum = residual + linear(x), and its norm */
  linearResidualNorm(x: Value, linear: Linear, residual: Value, norm: Norm): { sum: Value; normed: Value };
  /** sum = residual + self-attention of x, and its norm: all (n, t, d) */
  attentionResidualNorm(x: Value, attention: Attention, residual: Value, norm: Norm): { sum: Value; normed: Value };
}
