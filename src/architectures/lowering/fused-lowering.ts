import {
  Add,
  BiasGelu,
  Cast,
  FastGelu,
  Gather,
  MatMul,
  Mul,
  MultiHeadAttention,
  Reshape,
  SkipLayerNormalization,
  Transpose,
} from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { Linear, Lowering, Norm, Table } from './lowering.ts';
import { STANDARD_LOWERING } from './standard-lowering.ts';

/** A linear layer without its bias: (…, in) -> (…, out) */
type MatrixProduct = (x: Value, linear: Linear) => Value;

/**
 * Lowering to ONNX Runtime's fused operators, which have no gradients, around a kind of matrix product. The operator after a
 * product adds most biases, which saves a pass over the activations.
 */
export function fusedLowering(product: MatrixProduct): Lowering {
  return {
    rows: rowsOfIntegers,
    linear: (x, layer) => Add(product(x, layer), bias(layer)),
    norm: STANDARD_LOWERING.norm,
    linearGelu: (x, layer, approximate) => {
      const gelu = approximate === 'tanh' ? FastGelu : BiasGelu;
      return gelu(product(x, layer), bias(layer));
    },
    linearResidualNorm: (x, layer, residual, norm) => skipLayerNorm(product(x, layer), bias(layer), residual, norm),
    attentionResidualNorm: (x, { query, key, value, output, heads, mask }, residual, norm) => {
      const inputs = {
        query: Add(product(x, query), bias(query)),
        key: product(x, key),
        value: product(x, value),
        mask: mask && Cast(mask, 'int32'),
      };
      const attended = MultiHeadAttention(inputs, { numHeads: heads, scale: (query.out / heads) ** -0.5 });
      return skipLayerNorm(product(attended, output), mergedBias(value, output), residual, norm);
    },
  };
}

/** Rows that are stored as integers stay integers in the session, and become floats when they are read: the same floats. */
function rowsOfIntegers(indices: Value, table: Table): Value {
  const quantised = table.weights.quantisedRows(table.key, [table.rows, table.width]);
  if (quantised === undefined) return STANDARD_LOWERING.rows(indices, table);
  const values = Cast(Gather(quantised.values, indices, 0), 'float32');
  return Mul(values, Gather(quantised.scales, indices, 0));
}

function skipLayerNorm(
  x: Value,
  addedBias: Value,
  skip: Value,
  { weights, key, epsilon }: Norm,
): { sum: Value; normed: Value } {
  const width = x.type.shape.at(-1) as number;
  const scale = weights.parameter(`${key}.weight`, [width]);
  const shift = weights.parameter(`${key}.bias`, [width]);
  return SkipLayerNormalization({ x, skip, scale, shift, bias: addedBias }, epsilon, key);
}

/**
 * Bias of the output projection, plus the projected bias of the values: the attention weights sum to one, so that the bias of
 * the values may be added after the projection. ONNX Runtime folds this constant. The bias of the keys is left out: it adds
 * the same number to all logits of a query, which softmax ignores.
 */
function mergedBias(value: Linear, { weights, key, out }: Linear): Value {
  const weight = weights.parameter(`${key}.weight`, [out, value.out]);
  const projectedBias = MatMul(weight, Reshape(bias(value), [value.out, 1]));
  return Add(Reshape(projectedBias, [out]), weights.parameter(`${key}.bias`, [out]));
}

/** Fused operators in float32. Equal to STANDARD_LOWERING within rounding. */
export const FUSED_LOWERING: Lowering = fusedLowering((x, { weights, key, out }) => {
  const width = x.type.shape.at(-1) as number;
  return MatMul(x, Transpose(weights.parameter(`${key}.weight`, [out, width]), [1, 0]), key);
});

/** For a graph that is then narrowed to float16: an integer times a narrowed scale is another number than a narrowed product. */
export const FLOAT16_LOWERING: Lowering = { ...FUSED_LOWERING, rows: STANDARD_LOWERING.rows };

function bias({ weights, key, out }: Linear): Value {
  return weights.parameter(`${key}.bias`, [out]);
}
