import {
  Add,
  Cast,
  Gather,
  Gelu,
  LayerNormalization,
  MatMul,
  Mul,
  Reshape,
  Softmax,
  Sub,
  Transpose,
  Unsqueeze,
} from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import type { Linear, Lowering, Norm } from './lowering.ts';

/** Added to the logits of masked positions, so that their softmax weight is exactly zero: torch.finfo(torch.float32).min */
const MASKED_LOGIT = -3.4028234663852886e38;

/** Lowering to standard ONNX operators, which have gradients. */
export const STANDARD_LOWERING: Lowering = {
  rows: (indices, { weights, key, rows, width }) => Gather(weights.parameter(key, [rows, width]), indices, 0),
  linear,
  linearGelu: (x, layer, approximate) => Gelu(linear(x, layer), approximate),
  norm,
  linearResidualNorm,
  attentionResidualNorm: (x, { query, key, value, output, heads, mask }, residual, layerNorm) => {
    const [q, k, v] = [query, key, value].map((layer) => splitHeads(linear(x, layer), heads)) as [Value, Value, Value];
    return linearResidualNorm(joinHeads(scaledDotProductAttention(q, k, v, mask)), output, residual, layerNorm);
  },
};

function linearResidualNorm(x: Value, layer: Linear, residual: Value, layerNorm: Norm): { sum: Value; normed: Value } {
  const sum = Add(residual, linear(x, layer));
  return { sum, normed: norm(sum, layerNorm) };
}

function linear(x: Value, { weights, key, out }: Linear): Value {
  const width = x.type.shape.at(-1) as number;
  const weight = Transpose(weights.parameter(`${key}.weight`, [out, width]), [1, 0]);
  return Add(MatMul(x, weight, key), weights.parameter(`${key}.bias`, [out]));
}

function norm(x: Value, { weights, key, epsilon }: Norm): Value {
  const width = x.type.shape.at(-1) as number;
  const scale = weights.parameter(`${key}.weight`, [width]);
  const shift = weights.parameter(`${key}.bias`, [width]);
  return LayerNormalization(x, scale, shift, { axis: -1, epsilon }, key);
}

/** (n, t, h * w) -> (n, h, t, w) */
function splitHeads(x: Value, heads: number): Value {
  const width = (x.type.shape[2] as number) / heads;
  return Transpose(Reshape(x, [0, 0, heads, width]), [0, 2, 1, 3]);
}

/** (n, h, t, w) -> (n, t, h * w) */
function joinHeads(x: Value): Value {
  const [, heads, , width] = x.type.shape as [unknown, number, unknown, number];
  return Reshape(Transpose(x, [0, 2, 1, 3]), [0, 0, heads * width]);
}

/** Queries (n, h, s, w), keys and values (n, h, t, w), mask (n, t) -> (n, h, s, w) */
function scaledDotProductAttention(query: Value, key: Value, value: Value, mask: Value | undefined): Value {
  const width = query.type.shape[3] as number;
  const logits = MatMul(Mul(query, scalar(width ** -0.5)), Transpose(key, [0, 1, 3, 2]));
  return MatMul(Softmax(mask === undefined ? logits : Add(logits, maskToLogits(mask)), -1), value);
}

/** int64 (n, t) -> (n, 1, 1, t): 0 for one, MASKED_LOGIT for zero */
function maskToLogits(mask: Value): Value {
  return Unsqueeze(Mul(Sub(scalar(1), Cast(mask, 'float32')), scalar(MASKED_LOGIT)), [1, 2]);
}
