import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';

/** A linear layer: weight matrix (out, in) and bias (out) under a key. */
export interface Linear {
  readonly weights: WeightSource;
  readonly key: string;
  readonly out: number;
}

/** A LayerNorm: scale and shift (d) under a key. */
export interface Norm {
  readonly weights: WeightSource;
  readonly key: string;
  readonly epsilon: number;
}

/** A matrix (rows, width) under a key, of which single rows are read. */
export interface Table {
  readonly weights: WeightSource;
  readonly key: string;
  readonly rows: number;
  readonly width: number;
}

/** A self-attention layer: four projections, each (n, t, d) -> (n, t, d). */
export interface Attention {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly heads: number;
  /** int64 (n, t): one for positions that are attended to, zero for others */
  readonly mask?: Value | undefined;
}

/**
 * Translation of the layers of a transformer to operators. A backbone is defined once, and is emitted in standard operators,
 * which have gradients, or in the fused operators that ONNX Runtime runs fastest.
 */
export interface Lowering {
  /** The rows that int64 indices name: (…) -> (…, width) */
  rows(indices: Value, table: Table): Value;
  /** Linear layer: (…, in) -> (…, out) */
  linear(x: Value, linear: Linear): Value;
  /** GELU of a linear layer: (…, in) -> (…, out) */
  linearGelu(x: Value, linear: Linear, approximate: 'none' | 'tanh'): Value;
  /** LayerNorm: (…, d) -> (…, d) */
  norm(x: Value, norm: Norm): Value;
  /** sum = residual + linear(x), and the norm of the sum */
  linearResidualNorm(x: Value, linear: Linear, residual: Value, norm: Norm): { sum: Value; normed: Value };
  /** sum = residual + attention(x), and the norm of the sum: all (n, t, d) */
  attentionResidualNorm(x: Value, attention: Attention, residual: Value, norm: Norm): { sum: Value; normed: Value };
}
