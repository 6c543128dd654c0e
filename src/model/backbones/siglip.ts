import { Add, Conv, MatMul, Mul, Reshape, Softmax, Split, Transpose, Unsqueeze } from '../../graph/ops/index.ts';
import { scalar, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import type { Form, Norm } from '../forms/form.ts';
import { axisSize, countLayers, divides } from './weight-sizes.ts';

const EPSILON = 1e-6;

export interface SiglipSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width between the two linear layers of a block */
  readonly hidden: number;
  /** Side of a patch and of the whole picture, in pixels */
  readonly patch: number;
  readonly image: number;
}

/** Everything but the number of heads, which leaves no trace in the weights. @throws WeightsError */
export function siglipSizes(weights: WeightSource, heads: number): SiglipSizes {
  const patches = 'embeddings.patch_embedding.weight';
  const width = axisSize(weights, patches, 0);
  const patch = axisSize(weights, patches, 2);
  const places = axisSize(weights, 'embeddings.position_embedding.weight', 0);
  const side = Math.sqrt(places);
  if (!Number.isInteger(side)) {
    throw new WeightsError(`"embeddings.position_embedding.weight" has places for ${places} patches: not a square`);
  }
  divides(heads, width, 'vision');
  return {
    width,
    heads,
    patch,
    layers: countLayers(weights, (at) => `encoder.layers.${at}.layer_norm1.weight`),
    hidden: axisSize(weights, 'encoder.layers.0.mlp.fc1.weight', 0),
    image: side * patch,
  };
}

/**
 * SigLIP's vision tower with its attention-pooling head: normalised pixels (n, 3, s, s) -> (n, d). Keys are those of
 * Hugging Face's SiglipVisionModel below `vision_model.`.
 */
export function siglip(weights: WeightSource, sizes: SiglipSizes, pixels: Value, form: Form): Value {
  const norm = (key: string): Norm => ({ weights, key, epsilon: EPSILON });
  const layer = (at: number, part: string) => `encoder.layers.${at}.${part}`;
  let sum = embed(weights, sizes, pixels);
  let normed = form.norm(sum, norm(layer(0, 'layer_norm1')));
  for (let at = 0; at < sizes.layers; at++) {
    const linear = (part: string, out: number) => ({ weights, key: layer(at, part), out });
    const attention = {
      query: linear('self_attn.q_proj', sizes.width),
      key: linear('self_attn.k_proj', sizes.width),
      value: linear('self_attn.v_proj', sizes.width),
      output: linear('self_attn.out_proj', sizes.width),
      heads: sizes.heads,
    };
    ({ sum, normed } = form.attentionResidualNorm(normed, attention, sum, norm(layer(at, 'layer_norm2'))));
    const hidden = form.linearGelu(normed, linear('mlp.fc1', sizes.hidden), 'tanh');
    const next = at + 1 < sizes.layers ? layer(at + 1, 'layer_norm1') : 'post_layernorm';
    ({ sum, normed } = form.linearResidualNorm(hidden, linear('mlp.fc2', sizes.width), sum, norm(next)));
  }
  return pool(weights, sizes, normed, form);
}

/** (n, 3, s, s) -> (n, t, d): one vector for each patch, with its place */
function embed(weights: WeightSource, { width, patch, image }: SiglipSizes, pixels: Value): Value {
  const tokens = (image / patch) ** 2;
  const kernel = weights.parameter('embeddings.patch_embedding.weight', [width, 3, patch, patch]);
  const bias = weights.parameter('embeddings.patch_embedding.bias', [width]);
  const patches = Conv(pixels, kernel, bias, { strides: [patch, patch], group: 1, padding: [0, 0, 0, 0] });
  const rows = Transpose(Reshape(patches, [0, width, tokens]), [0, 2, 1]);
  return Add(rows, weights.parameter('embeddings.position_embedding.weight', [tokens, width]));
}

/**
 * One learned query looks at all patches: (n, t, d) -> (n, d). The query is the same for every picture, so the keys'
 * projection moves to it, and the values' behind the weighted sum: products with d x h and h x d take the place of two
 * with t x d. The keys' bias adds the same to every logit of a head, which softmax does not see.
 */
function pool(weights: WeightSource, sizes: SiglipSizes, x: Value, form: Form): Value {
  const { width, hidden } = sizes;
  const { query, keys, values, valueBias } = projections(weights, sizes);
  const look = Transpose(Reshape(MatMul(query, keys), [sizes.heads, width]), [1, 0]);
  const shares = Softmax(Transpose(MatMul(x, look), [0, 2, 1]), -1);
  const seen = Unsqueeze(MatMul(shares, x), [2]);
  const brought = Add(Reshape(MatMul(seen, values), [0, width]), valueBias);
  const linear = (key: string, out: number) => ({ weights, key: `head.${key}`, out });
  const pooled = form.linear(brought, linear('attention.out_proj', width));
  const normed = form.norm(pooled, { weights, key: 'head.layernorm', epsilon: EPSILON });
  const inner = form.linearGelu(normed, linear('mlp.fc1', hidden), 'tanh');
  return Add(pooled, form.linear(inner, linear('mlp.fc2', width)));
}

/** Of nn.MultiheadAttention, by head: scaled query (h, 1, w), keys (h, w, d), values (h, d, w), their bias (d) */
function projections(weights: WeightSource, { width, heads }: SiglipSizes) {
  const perHead = width / heads;
  const inWeight = weights.parameter('head.attention.in_proj_weight', [3 * width, width]);
  const inBias = weights.parameter('head.attention.in_proj_bias', [3 * width]);
  const [q, k, v] = Split(inWeight, [width, width, width], 0) as [Value, Value, Value];
  const [qBias, , valueBias] = Split(inBias, [width, width, width], 0) as [Value, Value, Value];
  const probe = Reshape(weights.parameter('head.probe', [1, 1, width]), [1, width]);
  const query = Mul(Add(MatMul(probe, Transpose(q, [1, 0])), qBias), scalar(perHead ** -0.5));
  return {
    query: Reshape(query, [heads, 1, perHead]),
    keys: Reshape(k, [heads, perHead, width]),
    values: Transpose(Reshape(v, [heads, perHead, width]), [0, 2, 1]),
    valueBias,
  };
}
