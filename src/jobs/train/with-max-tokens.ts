import type { ServedModel } from '../../embedding/served-models.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { loadTokenizer } from '../../preprocess/text-tokenizer.ts';

/** The base with texts cut as the trained model will cut them. */
export async function withMaxTokens(base: ServedModel, { text }: ModelDefinition): Promise<ServedModel> {
  const { model, tokenizer } = base;
  if (tokenizer === undefined || text.max_tokens === model.spec.text.max_tokens) return base;
  const truncated = { ...model, spec: { ...model.spec, text: { ...model.spec.text, max_tokens: text.max_tokens } } };
  return { model, tokenizer: await loadTokenizer(truncated) };
}
