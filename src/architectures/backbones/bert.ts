import {
  Add,
  Cast,
  Concat,
  Div,
  Gather,
  MatMul,
  Max,
  Range,
  ReduceSum,
  Reshape,
  Shape,
  Slice,
  Unsqueeze,
} from '../../graph/ops/operators.ts';
import { constant, scalar, type Value } from '../../graph/value.ts';
import { ModelError } from '../../model/model-error.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Lowering, Norm } from '../lowering/lowering.ts';
import { unitLength } from '../unit-length.ts';
import { assertHeadsDivide, axisSize, countLayers } from '../weight-sizes.ts';

const EPSILON = 1e-12;

/** Sizes of a BERT encoder. */
export interface BertSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width between the two linear layers of a block */
  readonly hidden: number;
  readonly vocabulary: number;
  /** Maximum number of tokens of a text */
  readonly positions: number;
  readonly tokenTypes: number;
}

/** Infers the sizes from the shapes of the weights, which do not tell the number of heads. @throws WeightsError */
export function inferBertSizes(weights: WeightSource, heads: number): BertSizes {
  const wordEmbeddings = 'embeddings.word_embeddings.weight';
  const width = axisSize(weights, wordEmbeddings, 1);
  assertHeadsDivide(heads, width, 'text');
  return {
    width,
    heads,
    layers: countLayers(weights, (layer) => `encoder.layer.${layer}.attention.self.query.weight`),
    hidden: axisSize(weights, 'encoder.layer.0.intermediate.dense.weight', 0),
    vocabulary: axisSize(weights, wordEmbeddings, 0),
    positions: axisSize(weights, 'embeddings.position_embeddings.weight', 0),
    tokenTypes: axisSize(weights, 'embeddings.token_type_embeddings.weight', 0),
  };
}

/**
 * BERT with masked mean pooling: token ids and mask int64 (n, t) -> (n, d). Keys are those of Hugging Face's BertModel;
 * its `pooler` is left out, as mean pooling does not use it.
 * @param pooledLayers layers, from 1, whose means are the features, each of unit length and one after the other: (n, layers * d).
 *   Early layers keep the words, late ones have the sense of the sentence. Without it: the mean of the last layer as it is.
 * @throws ModelError if there is no such layer
 */
export function bert(
  weights: WeightSource,
  sizes: BertSizes,
  ids: Value,
  mask: Value,
  lowering: Lowering,
  pooledLayers?: readonly number[],
): Value {
  const layerOutputs: Value[] = [];
  const norm = (key: string): Norm => ({ weights, key, epsilon: EPSILON });
  let x = lowering.norm(embed(weights, sizes, ids, lowering), norm('embeddings.LayerNorm'));
  for (let layer = 0; layer < sizes.layers; layer++) {
    const linear = (part: string, out: number) => ({ weights, key: `encoder.layer.${layer}.${part}`, out });
    const attention = {
      query: linear('attention.self.query', sizes.width),
      key: linear('attention.self.key', sizes.width),
      value: linear('attention.self.value', sizes.width),
      output: linear('attention.output.dense', sizes.width),
      heads: sizes.heads,
      mask,
    };
    const attentionNorm = norm(`encoder.layer.${layer}.attention.output.LayerNorm`);
    x = lowering.attentionResidualNorm(x, attention, x, attentionNorm).normed;
    const hidden = lowering.linearGelu(x, linear('intermediate.dense', sizes.hidden), 'none');
    const outputNorm = norm(`encoder.layer.${layer}.output.LayerNorm`);
    x = lowering.linearResidualNorm(hidden, linear('output.dense', sizes.width), x, outputNorm).normed;
    layerOutputs.push(x);
  }
  if (pooledLayers === undefined) return meanPool(x, mask);
  const pooled = pooledLayers.map((layer) => {
    const output = layerOutputs[layer - 1];
    if (output === undefined) {
      throw new ModelError(`text.encoder.pooled_layers: there is no layer ${layer}, only 1 to ${sizes.layers}`);
    }
    return unitLength(meanPool(output, mask));
  });
  return Concat(pooled, 1);
}

/** ids (n, t) -> (n, t, d): sum of the word, position and token type embeddings; all tokens have type 0 */
function embed(weights: WeightSource, sizes: BertSizes, ids: Value, lowering: Lowering): Value {
  const { width, vocabulary, positions, tokenTypes } = sizes;
  const key = (name: string) => `embeddings.${name}_embeddings.weight`;
  const table = (name: string, rows: number) => weights.parameter(key(name), [rows, width]);
  const wordEmbeddings = lowering.rows(ids, { weights, key: key('word'), rows: vocabulary, width });
  const length = Gather(Shape(ids), constant('int64', [], [1]), 0);
  const positionIds = Range(constant('int64', [], [0]), length, constant('int64', [], [1]));
  const tokenType = Slice(table('token_type', tokenTypes), [0], [1], [0]);
  return Add(wordEmbeddings, Gather(Add(table('position', positions), tokenType), positionIds, 0));
}

/** Mean over the tokens of the mask: (n, t, d) with a mask (n, t) -> (n, d); zero if there are none */
function meanPool(x: Value, mask: Value): Value {
  const floatMask = Cast(mask, 'float32');
  const sum = Reshape(MatMul(Unsqueeze(floatMask, [1]), x), [0, x.type.shape[2] as number]);
  return Div(sum, Max(ReduceSum(floatMask, [1], true), scalar(1)));
}
