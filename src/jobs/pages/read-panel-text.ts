import type { DatasetPanel } from '../../datasets/panel-files/page-panels.ts';
import type { TextTokenizer } from '../../preprocess/text-tokenizer.ts';

/** Notes of panels whose text the model does not read, or not to its end. */
export type TextNote = 'text_truncated' | 'unknown_text' | 'text_unsupported';

/** The tokens of a panel's text; null where there is none, or where the model knows nothing of it. */
export function readPanelText(
  { text }: Pick<DatasetPanel, 'text'>,
  tokenizer: TextTokenizer | undefined,
): { tokens: Int32Array | null; textNote?: TextNote } {
  if (text === null) return { tokens: null };
  if (tokenizer === undefined) return { tokens: null, textNote: 'text_unsupported' };
  const { tokens, isUnknown, truncated } = tokenizer.encode(text);
  if (isUnknown) return { tokens: null, textNote: 'unknown_text' };
  return truncated ? { tokens, textNote: 'text_truncated' } : { tokens };
}
