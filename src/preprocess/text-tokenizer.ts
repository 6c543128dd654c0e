import { readFile } from 'node:fs/promises';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { firstLine } from '../errors.ts';
import { describeForeignFile } from '../files/foreign-content.ts';
import { type Model, modelFilePath } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import type { TextSpec } from '../model/model-spec.ts';
import { decodeText } from '../util/strict-text.ts';
import { normalizeText } from './normalize-text.ts';
import { TokenVocabulary } from './token-vocabulary.ts';

/**
 * Characters of a text that are tokenized per token of the limit. Without this bound, a megabyte of text would block the event
 * loop for seconds. No vocabulary has pieces near this long; only the text after a long run of unknown characters, which become
 * one token, is lost (and reported as truncated).
 */
const CHARACTERS_PER_TOKEN = 32;

/** How much of a text its encoder reads. */
export interface TextReading {
  /** Whether the text was longer than the encoder's limit */
  readonly truncated: boolean;
  /** Tokens that the whole text has, with special ones; undefined where it is too long to count them */
  readonly length: number | undefined;
  /** Tokens that the vocabulary lacks, of those that are read */
  readonly unknownTokens: number;
  /** Whether the vocabulary has none of the words: the text then counts as absent */
  readonly isUnknown: boolean;
}

export interface TokenizedText extends TextReading {
  readonly tokens: Int32Array;
}

/** Tokenizes texts for one encoder, truncated to its maximum number of tokens. */
export class TextTokenizer {
  readonly maxTokens: number;
  readonly #tokenizer: HuggingFaceTokenizer;
  readonly #vocabulary: TokenVocabulary;
  readonly #openingIds: readonly number[];
  readonly #closingIds: readonly number[];

  constructor(tokenizer: HuggingFaceTokenizer, maxTokens: number) {
    this.maxTokens = maxTokens;
    this.#tokenizer = tokenizer;
    [this.#openingIds, this.#closingIds] = findSpecialTokens(tokenizer);
    this.#vocabulary = new TokenVocabulary(tokenizer, [...this.#openingIds, ...this.#closingIds]);
  }

  encode(text: string): TokenizedText {
    const normalized = normalizeText(text);
    const bounded = limitText(normalized, this.maxTokens * CHARACTERS_PER_TOKEN);
    const { ids } = this.#tokenizer.encode(bounded, { add_special_tokens: false });
    const isCut = bounded.length < normalized.length;
    const specialCount = this.#openingIds.length + this.#closingIds.length;
    const content = ids.slice(0, Math.max(0, this.maxTokens - specialCount));
    // The library gives no id for a token that is unknown where the vocabulary has no token for those.
    const encodable = content.filter((id: number | null | undefined) => id != null);
    return {
      tokens: Int32Array.from([...this.#openingIds, ...encodable, ...this.#closingIds]),
      truncated: isCut || content.length < ids.length,
      length: isCut ? undefined : ids.length + specialCount,
      unknownTokens: content.length - encodable.length + this.#vocabulary.countUnknown(encodable),
      isUnknown: this.#vocabulary.knowsNothingOf(content),
    };
  }

  /** Whether token ids, with special ones, have no word that the vocabulary knows. */
  knowsNothingOf(tokens: Iterable<number>): boolean {
    return this.#vocabulary.knowsNothingOf(tokens);
  }
}

/**
 * A prefix of a text whose NFKD normalisation has at most `limit` characters: normalisation can make eighteen characters of
 * one.
 */
export function limitText(text: string, limit: number): string {
  if (text.length <= limit && text.normalize('NFKD').length <= limit) return text;
  let prefix = text.slice(0, limit);
  while (prefix.normalize('NFKD').length > limit) prefix = prefix.slice(0, prefix.length >> 1);
  return prefix;
}

/** The special tokens that the tokenizer puts before and after any text, such as BERT's [CLS] and [SEP]. */
function findSpecialTokens(tokenizer: HuggingFaceTokenizer): readonly [opening: number[], closing: number[]] {
  const ids: readonly number[] = tokenizer.encode('a').ids;
  const content: readonly number[] = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const start = ids.findIndex((_, index) => content.every((id, i) => ids[index + i] === id));
  return [ids.slice(0, start), ids.slice(start + content.length)];
}

/**
 * Loads the tokenizer of a text encoder, by default of the model's own.
 * @throws ModelError if it has none, or one that cannot be used
 */
export async function loadTokenizer(
  model: Model,
  text: Pick<TextSpec, 'tokenizer' | 'max_tokens'> = model.spec.text,
): Promise<TextTokenizer> {
  if (text.tokenizer === undefined) throw new ModelError(`${model.id} has no tokenizer`);
  const file = modelFilePath(model, text.tokenizer);
  try {
    const json = JSON.parse(decodeText(await readFile(file)));
    return new TextTokenizer(new HuggingFaceTokenizer(json, {}), text.max_tokens);
  } catch (cause) {
    const foreign = await describeForeignFile(file);
    throw new ModelError(foreign ?? `cannot use ${file}: ${firstLine(cause)}`, { cause });
  }
}
