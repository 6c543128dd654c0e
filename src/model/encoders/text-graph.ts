import { readFile } from 'node:fs/promises';
import { decodeModel } from '../../graph/emit/chain.ts';
import { toModel } from '../../graph/emit/emit.ts';
import type { Model as OnnxModel } from '../../graph/emit/onnx.ts';
import { bert, bertSizes } from '../backbones/bert.ts';
import { textInputs } from '../backbones/inputs.ts';
import { type Model, modelFile } from '../model.ts';
import { ModelError } from '../model-error.ts';
import type { TextEncoderSpec } from '../model-spec.ts';
import { formOf, readEncoderWeights, toPrecision } from './code-encoder.ts';

/** What a text encoder's inputs and output are called in its graph. */
export type TextNames = Pick<Extract<TextEncoderSpec, { kind: 'onnx' }>, 'input_ids' | 'attention_mask' | 'output'>;

/** The tokens of "", [CLS] and [SEP], in BERT's published vocabularies: for a model that came without its tokenizer. */
export const BERT_EMPTY_TEXT = Int32Array.of(101, 102);

const CODE_NAMES: TextNames = { input_ids: 'input_ids', attention_mask: 'attention_mask', output: 'features' };

export function textNames(encoder: TextEncoderSpec): TextNames {
  return encoder.kind === 'onnx' ? encoder : CODE_NAMES;
}

/**
 * The text encoder: token ids and mask int64 (n, t) -> pooled features float32 (n, features)
 * @throws GraphError, WeightsError or ModelError where the files do not hold such an encoder
 */
export async function textGraph(model: Model): Promise<OnnxModel> {
  const { encoder, max_tokens: maxTokens } = model.spec.text;
  if (encoder.kind === 'onnx') {
    const file = modelFile(model, encoder.file);
    return decodeModel(await readFile(file), file);
  }
  const weights = await readEncoderWeights(modelFile(model, encoder.weights), encoder.prefix);
  const sizes = bertSizes(weights, encoder.heads);
  if (sizes.positions < maxTokens) {
    throw new ModelError(`the text encoder has places for ${sizes.positions} tokens, max_tokens is ${maxTokens}`);
  }
  const { ids, mask } = textInputs();
  const features = bert(weights, sizes, ids, mask, formOf(encoder.precision));
  return toModel({ name: 'text', outputs: toPrecision({ [CODE_NAMES.output]: features }, encoder.precision) });
}
