import { readFile } from 'node:fs/promises';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { decodeOnnxModel } from '../../graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../../graph/emit/onnx-schema.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import type { TextEncoderSpec } from '../../model/model-spec.ts';
import { bert, inferBertSizes } from '../backbones/bert.ts';
import { castToPrecision, chooseLowering, readEncoderWeights, textInputs } from './code-encoder.ts';

/** Names of the inputs and the output of a text encoder's graph. */
export type TextTensorNames = Pick<
  Extract<TextEncoderSpec, { kind: 'onnx' }>,
  'input_ids' | 'attention_mask' | 'output'
>;

/** Tokens of the empty text in BERT's published vocabularies, [CLS] and [SEP]; for models without a tokenizer. */
export const BERT_EMPTY_TEXT = Int32Array.of(101, 102);

const CODE_TENSOR_NAMES: TextTensorNames = {
  input_ids: 'input_ids',
  attention_mask: 'attention_mask',
  output: 'features',
};

export function textTensorNames(encoder: TextEncoderSpec): TextTensorNames {
  return encoder.kind === 'onnx' ? encoder : CODE_TENSOR_NAMES;
}

/**
 * Builds the graph of the text encoder: token ids and mask int64 (n, t) -> pooled features float32 (n, features)
 * @throws GraphError, WeightsError or ModelError if the files do not hold such an encoder
 */
export async function buildTextGraph(model: Model): Promise<OnnxModel> {
  const { encoder, max_tokens: maxTokens } = model.spec.text;
  if (encoder.kind === 'onnx') {
    const file = modelFilePath(model, encoder.file);
    return decodeOnnxModel(await readFile(file), file);
  }
  const weights = await readEncoderWeights(modelFilePath(model, encoder.weights), encoder.prefix);
  const sizes = inferBertSizes(weights, encoder.heads);
  if (sizes.positions < maxTokens) {
    throw new ModelError(`the text encoder has ${sizes.positions} positions, but max_tokens is ${maxTokens}`);
  }
  const { ids, mask } = textInputs();
  const features = bert(weights, sizes, ids, mask, chooseLowering(encoder.precision), encoder.pooled_layers);
  return toOnnxModel({
    name: 'text',
    outputs: castToPrecision({ [CODE_TENSOR_NAMES.output]: features }, encoder.precision),
  });
}
