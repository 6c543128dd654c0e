import { Add, Conv, MatMul, Mul, Reshape, Softmax, Split, Transpose, Unsqueeze } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import type { Lowering } from '../lowering/lowering.ts';
import { assertHeadsDivide, axisSize, countLayers } from '../weight-sizes.ts';
import { SIGLIP_EPSILON, type SiglipBlockSizes, siglipBlocks } from './siglip-blocks.ts';

/** Sizes of a SigLIP vision encoder. */
export interface SiglipSizes extends SiglipBlockSizes {
  /** Sides of a patch and of an image, in pixels */
  readonly patchSize: number;
  readonly imageSize: number;
}

/** Infers the sizes from the shapes of the weights, which do not tell the number of heads. @throws WeightsError */
export function inferSiglipSizes(weights: WeightSource, heads: number): SiglipSizes {
  const patchEmbedding = 'embeddings.patch_embedding.weight';
  const width = axisSize(weights, patchEmbedding, 0);
  const patchSize = axisSize(weights, patchEmbedding, 2);
  const positions = axisSize(weights, 'embeddings.position_embedding.weight', 0);
  const patchesPerSide = Math.sqrt(positions);
  if (!Number.isInteger(patchesPerSide)) {
    throw new WeightsError(`"embeddings.position_embedding.weight" has places for ${positions} patches: not a square`);
  }
  assertHeadsDivide(heads, width, 'vision');
  return {
    width,
    heads,
    patchSize,
    layers: countLayers(weights, (layer) => `encoder.layers.${layer}.layer_norm1.weight`),
    hidden: axisSize(weights, 'encoder.layers.0.mlp.fc1.weight', 0),
    imageSize: patchesPerSide * patchSize,
  };
}

/**
 * SigLIP's vision tower with its attention-pooling head: normalised pixels (n, 3, s, s) -> (n, d). Keys are those of
 * Hugging Face's SiglipVisionModel below `vision_model.`.
 */
export function siglip(weights: WeightSource, sizes: SiglipSizes, pixels: Value, lowering: Lowering): Value {
  const normed = siglipBlocks(weights, sizes, embed(weights, sizes, pixels), 'post_layernorm', lowering);
  return attentionPool(weights, sizes, normed, lowering);
}

/** (n, 3, s, s) -> (n, t, d): sum of patch and position embeddings */
function embed(weights: WeightSource, { width, patchSize, imageSize }: SiglipSizes, pixels: Value): Value {
  const patchCount = (imageSize / patchSize) ** 2;
  const kernel = weights.parameter('embeddings.patch_embedding.weight', [width, 3, patchSize, patchSize]);
  const bias = weights.parameter('embeddings.patch_embedding.bias', [width]);
  const patches = Conv(pixels, kernel, bias, { strides: [patchSize, patchSize], group: 1, padding: [0, 0, 0, 0] });
  const rows = Transpose(Reshape(patches, [0, width, patchCount]), [0, 2, 1]);
  return Add(rows, weights.parameter('embeddings.position_embedding.weight', [patchCount, width]));
}

/**
 * Multi-head attention of one learned query over all patches: (n, t, d) -> (n, d). The query is the same for every image.
 * So it is multiplied with the projection of the keys, and the projection of the values comes after the weighted sum:
 * products with d x h and h x d replace two with t x d. The bias of the keys is left out: it adds the same number to all
 * logits of a head, which softmax ignores.
 */
function attentionPool(weights: WeightSource, sizes: SiglipSizes, x: Value, lowering: Lowering): Value {
  const { width, hidden } = sizes;
  const { query, keys, values, valueBias } = poolingProjections(weights, sizes);
  const queryKeys = Transpose(Reshape(MatMul(query, keys), [sizes.heads, width]), [1, 0]);
  const attentionWeights = Softmax(Transpose(MatMul(x, queryKeys), [0, 2, 1]), -1);
  const weightedSum = Unsqueeze(MatMul(attentionWeights, x), [2]);
  const attended = Add(Reshape(MatMul(weightedSum, values), [0, width]), valueBias);
  const linear = (key: string, out: number) => ({ weights, key: `head.${key}`, out });
  const pooled = lowering.linear(attended, linear('attention.out_proj', width));
  const normed = lowering.norm(pooled, { weights, key: 'head.layernorm', epsilon: SIGLIP_EPSILON });
  const inner = lowering.linearGelu(normed, linear('mlp.fc1', hidden), 'tanh');
  return Add(pooled, lowering.linear(inner, linear('mlp.fc2', width)));
}

/** Projections of nn.MultiheadAttention by head: scaled query (h, 1, w), keys (h, w, d), values (h, d, w) and their bias (d) */
function poolingProjections(weights: WeightSource, { width, heads }: SiglipSizes) {
  const headWidth = width / heads;
  const inWeight = weights.parameter('head.attention.in_proj_weight', [3 * width, width]);
  const inBias = weights.parameter('head.attention.in_proj_bias', [3 * width]);
  const [q, k, v] = Split(inWeight, [width, width, width], 0) as [Value, Value, Value];
  const [qBias, , valueBias] = Split(inBias, [width, width, width], 0) as [Value, Value, Value];
  const probe = Reshape(weights.parameter('head.probe', [1, 1, width]), [1, width]);
  const query = Mul(Add(MatMul(probe, Transpose(q, [1, 0])), qBias), scalar(headWidth ** -0.5));
  return {
    query: Reshape(query, [heads, 1, headWidth]),
    keys: Reshape(k, [heads, headWidth, width]),
    values: Transpose(Reshape(v, [heads, headWidth, width]), [0, 2, 1]),
    valueBias,
  };
}
