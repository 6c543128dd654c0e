import {
  Add,
  Cast,
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
} from '../../graph/ops/index.ts';
import { constant, scalar, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Form, Norm } from '../forms/form.ts';
import { axisSize, countLayers, divides } from './weight-sizes.ts';

const EPSILON = 1e-12;

export interface BertSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width between the two linear layers of a block */
  readonly hidden: number;
  readonly vocabulary: number;
  /** The longest text, in tokens */
  readonly positions: number;
  readonly types: number;
}

/** Everything but the number of heads, which leaves no trace in the weights. @throws WeightsError */
export function bertSizes(weights: WeightSource, heads: number): BertSizes {
  const words = 'embeddings.word_embeddings.weight';
  const width = axisSize(weights, words, 1);
  divides(heads, width, 'text');
  return {
    width,
    heads,
    layers: countLayers(weights, (at) => `encoder.layer.${at}.attention.self.query.weight`),
    hidden: axisSize(weights, 'encoder.layer.0.intermediate.dense.weight', 0),
    vocabulary: axisSize(weights, words, 0),
    positions: axisSize(weights, 'embeddings.position_embeddings.weight', 0),
    types: axisSize(weights, 'embeddings.token_type_embeddings.weight', 0),
  };
}

/**
 * BERT with masked mean pooling: token ids and mask int64 (n, t) -> (n, d). Keys are those of Hugging Face's BertModel;
 * its `pooler`, which mean pooling does not use, is left out.
 */
export function bert(weights: WeightSource, sizes: BertSizes, ids: Value, mask: Value, form: Form): Value {
  const norm = (key: string): Norm => ({ weights, key, epsilon: EPSILON });
  let x = form.norm(embed(weights, sizes, ids), norm('embeddings.LayerNorm'));
  for (let at = 0; at < sizes.layers; at++) {
    const linear = (part: string, out: number) => ({ weights, key: `encoder.layer.${at}.${part}`, out });
    const attention = {
      query: linear('attention.self.query', sizes.width),
      key: linear('attention.self.key', sizes.width),
      value: linear('attention.self.value', sizes.width),
      output: linear('attention.output.dense', sizes.width),
      heads: sizes.heads,
      mask,
    };
    const attentionNorm = norm(`encoder.layer.${at}.attention.output.LayerNorm`);
    x = form.attentionResidualNorm(x, attention, x, attentionNorm).normed;
    const hidden = form.linearGelu(x, linear('intermediate.dense', sizes.hidden), 'none');
    const outputNorm = norm(`encoder.layer.${at}.output.LayerNorm`);
    x = form.linearResidualNorm(hidden, linear('output.dense', sizes.width), x, outputNorm).normed;
  }
  return meanPool(x, mask);
}

/** ids (n, t) -> (n, t, d): word, place, and the one kind of token there is */
function embed(weights: WeightSource, { width, vocabulary, positions, types }: BertSizes, ids: Value): Value {
  const table = (name: string, rows: number) =>
    weights.parameter(`embeddings.${name}_embeddings.weight`, [rows, width]);
  const words = Gather(table('word', vocabulary), ids, 0);
  const length = Gather(Shape(ids), constant('int64', [], [1]), 0);
  const places = Range(constant('int64', [], [0]), length, constant('int64', [], [1]));
  const kinds = Slice(table('token_type', types), [0], [1], [0]);
  return Add(words, Gather(Add(table('position', positions), kinds), places, 0));
}

/** (n, t, d) with a mask (n, t) -> (n, d); the mean of no token is zero */
function meanPool(x: Value, mask: Value): Value {
  const shares = Cast(mask, 'float32');
  const sum = Reshape(MatMul(Unsqueeze(shares, [1]), x), [0, x.type.shape[2] as number]);
  return Div(sum, Max(ReduceSum(shares, [1], true), scalar(1)));
}
