import { Add, Gather } from '../../graph/ops/operators.ts';
import { constant, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Lowering } from '../lowering/lowering.ts';
import { assertHeadsDivide, axisSize, countLayers } from '../weight-sizes.ts';
import { type SiglipBlockSizes, siglipBlocks } from './siglip-blocks.ts';

/** Sizes of a SigLIP text encoder. */
export interface SiglipTextSizes extends SiglipBlockSizes {
  readonly vocabulary: number;
  /** Tokens of every text */
  readonly positions: number;
  /** Width of the pooled features, which is that of the vision encoder's */
  readonly features: number;
}

/** Infers the sizes from the shapes of the weights, which do not tell the number of heads. @throws WeightsError */
export function inferSiglipTextSizes(weights: WeightSource, heads: number): SiglipTextSizes {
  const tokenEmbedding = 'embeddings.token_embedding.weight';
  const width = axisSize(weights, tokenEmbedding, 1);
  assertHeadsDivide(heads, width, 'text');
  return {
    width,
    heads,
    layers: countLayers(weights, (layer) => `encoder.layers.${layer}.layer_norm1.weight`),
    hidden: axisSize(weights, 'encoder.layers.0.mlp.fc1.weight', 0),
    vocabulary: axisSize(weights, tokenEmbedding, 0),
    positions: axisSize(weights, 'embeddings.position_embedding.weight', 0),
    features: axisSize(weights, 'head.weight', 0),
  };
}

/**
 * SigLIP's text tower: token ids int64 (n, positions) -> (n, features). Keys are those of Hugging Face's SiglipTextModel below
 * `text_model.`. As it was trained, texts are padded to all positions, padding is attended to, and the last position is pooled.
 */
export function siglipText(weights: WeightSource, sizes: SiglipTextSizes, ids: Value, lowering: Lowering): Value {
  const { width, vocabulary, positions, features } = sizes;
  const tokens = lowering.rows(ids, { weights, key: 'embeddings.token_embedding.weight', rows: vocabulary, width });
  const embedded = Add(tokens, weights.parameter('embeddings.position_embedding.weight', [positions, width]));
  const normed = siglipBlocks(weights, sizes, embedded, 'final_layer_norm', lowering);
  const last = Gather(normed, constant('int64', [], [positions - 1]), 1);
  return lowering.linear(last, { weights, key: 'head', out: features });
}
