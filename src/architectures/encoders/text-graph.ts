import { readFile } from 'node:fs/promises';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { decodeOnnxModel } from '../../graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../../graph/emit/onnx-schema.ts';
import type { Value } from '../../graph/value.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import type { TextSpec } from '../../model/model-spec.ts';
import type { ZeroShotTextSpec } from '../../model/zero-shot-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { bert, inferBertSizes } from '../backbones/bert.ts';
import { inferSiglipTextSizes, siglipText } from '../backbones/siglip-text.ts';
import { castToPrecision, chooseLowering, readEncoderWeights, textInputs, tokensInput } from './code-encoder.ts';

/** The text encoder of a model, or the one that it has for labels. */
export type AnyTextSpec = TextSpec | ZeroShotTextSpec;

type BertSpec = Extract<TextSpec['encoder'], { kind: 'bert' }>;

/** Names of the inputs and the output of a text encoder's graph. */
export interface TextTensorNames {
  readonly input_ids: string;
  /** Absent where the encoder attends to every token */
  readonly attention_mask?: string;
  readonly output: string;
}

/** Tokens of the empty text in BERT's published vocabularies, [CLS] and [SEP]; for models without a tokenizer. */
export const BERT_EMPTY_TEXT = Int32Array.of(101, 102);

const CODE_TENSOR_NAMES = { input_ids: 'input_ids', attention_mask: 'attention_mask', output: 'features' };

export function textTensorNames({ encoder }: AnyTextSpec): TextTensorNames {
  if (encoder.kind === 'onnx') return encoder;
  const { attention_mask, ...names } = CODE_TENSOR_NAMES;
  return encoder.kind === 'siglip_text' ? names : CODE_TENSOR_NAMES;
}

/**
 * Builds the graph of a text encoder: token ids and mask int64 (n, t) -> pooled features float32 (n, features)
 * @throws GraphError, WeightsError or ModelError if the files do not hold such an encoder
 */
export async function buildTextGraph(model: Model, text: AnyTextSpec): Promise<OnnxModel> {
  const { encoder } = text;
  if (encoder.kind === 'onnx') {
    const file = modelFilePath(model, encoder.file);
    return decodeOnnxModel(await readFile(file), file);
  }
  const weights = await readEncoderWeights(modelFilePath(model, encoder.weights), encoder.prefix);
  const features =
    encoder.kind === 'bert'
      ? buildBert(weights, encoder, text.max_tokens)
      : buildSiglipText(weights, encoder, text.max_tokens);
  return toOnnxModel({
    name: 'text',
    outputs: castToPrecision({ [CODE_TENSOR_NAMES.output]: features }, encoder.precision),
  });
}

function buildBert(
  weights: WeightSource,
  { heads, precision, pooled_layers: pooledLayers }: BertSpec,
  maxTokens: number,
): Value {
  const sizes = inferBertSizes(weights, heads);
  if (sizes.positions < maxTokens) {
    throw new ModelError(`the text encoder has ${sizes.positions} positions, but max_tokens is ${maxTokens}`);
  }
  const { ids, mask } = textInputs();
  return bert(weights, sizes, ids, mask, chooseLowering(precision), pooledLayers);
}

function buildSiglipText(
  weights: WeightSource,
  { heads, precision }: ZeroShotTextSpec['encoder'],
  maxTokens: number,
): Value {
  const sizes = inferSiglipTextSizes(weights, heads);
  if (sizes.positions !== maxTokens) {
    throw new ModelError(
      `SigLIP's texts have ${sizes.positions} tokens, but zero_shot.text.max_tokens is ${maxTokens}`,
    );
  }
  return siglipText(weights, sizes, tokensInput(sizes.positions), chooseLowering(precision));
}
