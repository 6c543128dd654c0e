import { readFile } from 'node:fs/promises';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { firstLine } from '../errors.ts';
import { type Model, modelFilePath } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';

/**
 * Characters that are looked at for each token that may be kept. No vocabulary has pieces near this long; only long runs
 * of unknown characters, which merge to one token, lose what follows them (and are reported as truncated). Without the
 * bound, a megabyte of text would hold the event loop for seconds.
 */
const CHARACTERS_PER_TOKEN = 32;

export interface TokenizedText {
  readonly tokens: Int32Array;
  /** Whether the text was longer than the encoder takes. */
  readonly truncated: boolean;
}

export class TextTokenizer {
  readonly #tokenizer: HuggingFaceTokenizer;
  readonly #maxTokens: number;
  readonly #closingIds: readonly number[];

  constructor(tokenizer: HuggingFaceTokenizer, maxTokens: number) {
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
    this.#closingIds = findClosingTokens(tokenizer);
  }

  encode(text: string): TokenizedText {
    const bounded = limitText(text, this.#maxTokens * CHARACTERS_PER_TOKEN);
    const ids: readonly number[] = this.#tokenizer.encode(bounded).ids;
    const truncated = bounded.length < text.length || ids.length > this.#maxTokens;
    return { tokens: Int32Array.from(this.#truncate(ids)), truncated };
  }

  /** Closing special tokens, such as BERT's [SEP], stay at the end. */
  #truncate(ids: readonly number[]): readonly number[] {
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - this.#closingIds.length), ...this.#closingIds];
  }
}

/**
 * As much of a text as may matter. Normalisation can make eighteen characters of one, so what counts is the length after
 * the normalisation that lengthens most; blanks in front are left out of a text that is cut.
 */
export function limitText(text: string, limit: number): string {
  if (text.length <= limit && text.normalize('NFKD').length <= limit) return text;
  let prefix = text.trimStart().slice(0, limit);
  while (prefix.normalize('NFKD').length > limit) prefix = prefix.slice(0, prefix.length >> 1);
  return prefix;
}

/** What the tokenizer puts behind any text: the common end of two texts that share no piece. */
function findClosingTokens(tokenizer: HuggingFaceTokenizer): readonly number[] {
  const [a, b] = ['a', '1'].map((text): number[] => tokenizer.encode(text).ids.toReversed()) as [number[], number[]];
  const firstDifference = a.findIndex((id, i) => id !== b[i]);
  return a.slice(0, Math.max(0, firstDifference)).reverse();
}

/** @throws ModelError where the model has no tokenizer, or one that cannot be used */
export async function loadTokenizer(model: Model): Promise<TextTokenizer> {
  const { tokenizer } = model.spec.text;
  if (tokenizer === undefined) throw new ModelError(`${model.id} has no tokenizer`);
  const file = modelFilePath(model, tokenizer);
  try {
    const json = JSON.parse(await readFile(file, 'utf8'));
    return new TextTokenizer(new HuggingFaceTokenizer(json, {}), model.spec.text.max_tokens);
  } catch (cause) {
    throw new ModelError(`cannot use ${file}: ${firstLine(cause)}`, { cause });
  }
}
