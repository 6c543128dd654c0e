import type { ServedModel } from '../../embedding/served-model.ts';
import { loadTokenizer } from '../../preprocess/text-tokenizer.ts';

/** The base with texts cut as the trained model will cut them. */
export async function withMaxTokens(base: ServedModel, maxTokens: number): Promise<ServedModel> {
  const { model, tokenizer } = base;
  if (tokenizer === undefined || maxTokens === model.spec.text.max_tokens) return base;
  const truncated = { ...model, spec: { ...model.spec, text: { ...model.spec.text, max_tokens: maxTokens } } };
  return { model, tokenizer: await loadTokenizer(truncated) };
}
