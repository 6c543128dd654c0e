import {
  Add,
  BiasGelu,
  Cast,
  Concat,
  FastGelu,
  MatMul,
  MultiHeadAttention,
  SkipLayerNormalization,
  Transpose,
} from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import type { Form, Linear } from './form.ts';
import { PLAIN } from './plain.ts';

/** A linear layer without its bias: (…, in) -> (…, out) */
type Product = (x: Value, linear: Linear) => Value;

/**
 * ONNX Runtime's fused operators around a kind of product. Most biases are added by the operator after the product, so that
 * no pass over the activations is spent on them alone. Without gradients.
 */
export function fusedForm(product: Product): Form {
  return {
    linear: (x, layer) => Add(product(x, layer), bias(layer)),
    norm: PLAIN.norm,
    linearGelu: (x, layer, approximate) => {
      const gelu = approximate === 'tanh' ? FastGelu : BiasGelu;
      return gelu(product(x, layer), bias(layer));
    },
    linearResidualNorm: (x, layer, residual, { weights, key, epsilon }) => {
      const scale = weights.parameter(`${key}.weight`, [layer.out]);
      const shift = weights.parameter(`${key}.bias`, [layer.out]);
      const parts = { x: product(x, layer), skip: residual, scale, shift, bias: bias(layer) };
      return SkipLayerNormalization(parts, epsilon, key);
    },
    selfAttention: (x, { query, key, value, heads, mask }) => {
      const parts = {
        query: product(x, query),
        key: product(x, key),
        value: product(x, value),
        bias: Concat([query, key, value].map(bias), 0),
        mask: mask && Cast(mask, 'int32'),
      };
      return MultiHeadAttention(parts, { numHeads: heads, scale: (query.out / heads) ** -0.5 });
    },
  };
}

/** Equal to PLAIN within rounding. */
export const FUSED: Form = fusedForm((x, { weights, key, out }) => {
  const width = x.type.shape.at(-1) as number;
  return MatMul(x, Transpose(weights.parameter(`${key}.weight`, [out, width]), [1, 0]), key);
});

function bias({ weights, key, out }: Linear): Value {
  return weights.parameter(`${key}.bias`, [out]);
}
