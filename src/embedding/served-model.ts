import { type Model, verifyFiles } from '../model/model.ts';
import { loadTokenizer, type TextTokenizer } from '../preprocess/text-tokenizer.ts';

/** A model with what the service itself needs of it. Engines have its encoders. */
export interface ServedModel {
  readonly model: Model;
  /** Undefined where the model has none; then it takes token ids only. */
  readonly tokenizer: TextTokenizer | undefined;
  /** Of the text encoder for labels, where the model has one */
  readonly labelTokenizer?: TextTokenizer | undefined;
}

/** Compares every file of a model with its hash, and reads its tokenizers. @throws ModelError */
export async function openServedModel(model: Model): Promise<ServedModel> {
  await verifyFiles(model);
  const tokenizer = model.spec.text.tokenizer === undefined ? undefined : await loadTokenizer(model);
  const labelText = model.spec.zero_shot?.text;
  const labelTokenizer = labelText && (await loadTokenizer(model, labelText));
  return { model, tokenizer, labelTokenizer };
}
