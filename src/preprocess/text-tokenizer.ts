import { readFile } from 'node:fs/promises';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { firstLine } from '../errors.ts';
import { describeForeignFile } from '../files/foreign-content.ts';
import { type Model, modelFilePath } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';

/**
 * Characters of a text that are tokenized per token of the limit. Without this bound, a megabyte of text would block the event
 * loop for seconds. No vocabulary has pieces near this long; only the text after a long run of unknown characters, which become
 * one token, is lost (and reported as truncated).
 */
const CHARACTERS_PER_TOKEN = 32;

export interface TokenizedText {
  readonly tokens: Int32Array;
  /** Whether the text was longer than the encoder's limit */
  readonly truncated: boolean;
}

/** Tokenizes texts for one encoder, truncated to its maximum number of tokens. */
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

  /** Keeps closing special tokens, such as BERT's [SEP], at the end. */
  #truncate(ids: readonly number[]): readonly number[] {
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - this.#closingIds.length), ...this.#closingIds];
  }
}

/**
 * A prefix of a text whose NFKD normalisation has at most `limit` characters: normalisation can make eighteen characters of
 * one. A text that is cut loses its leading blanks.
 */
export function limitText(text: string, limit: number): string {
  if (text.length <= limit && text.normalize('NFKD').length <= limit) return text;
  let prefix = text.trimStart().slice(0, limit);
  while (prefix.normalize('NFKD').length > limit) prefix = prefix.slice(0, prefix.length >> 1);
  return prefix;
}

/** The tokens that the tokenizer appends to any text: the common end of two texts that share no piece. */
function findClosingTokens(tokenizer: HuggingFaceTokenizer): readonly number[] {
  const reversedIds = (text: string): number[] => tokenizer.encode(text).ids.toReversed();
  const [a, b] = [reversedIds('a'), reversedIds('1')];
  const firstDifference = a.findIndex((id, i) => id !== b[i]);
  return a.slice(0, Math.max(0, firstDifference)).reverse();
}

/** Loads the tokenizer of a model. @throws ModelError if it has none, or one that cannot be used */
export async function loadTokenizer(model: Model): Promise<TextTokenizer> {
  const { tokenizer } = model.spec.text;
  if (tokenizer === undefined) throw new ModelError(`${model.id} has no tokenizer`);
  const file = modelFilePath(model, tokenizer);
  try {
    const json = JSON.parse(await readFile(file, 'utf8'));
    return new TextTokenizer(new HuggingFaceTokenizer(json, {}), model.spec.text.max_tokens);
  } catch (cause) {
    const foreign = await describeForeignFile(file);
    throw new ModelError(foreign ?? `cannot use ${file}: ${firstLine(cause)}`, { cause });
  }
}
