import { readFile } from 'node:fs/promises';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { oneLine } from '../errors.ts';
import { type Model, modelFile } from '../model/model.ts';
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
  readonly #closing: readonly number[];

  constructor(tokenizer: HuggingFaceTokenizer, maxTokens: number) {
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
    this.#closing = closingTokens(tokenizer);
  }

  encode(text: string): TokenizedText {
    const beginning = boundedText(text, this.#maxTokens * CHARACTERS_PER_TOKEN);
    const ids: readonly number[] = this.#tokenizer.encode(beginning).ids;
    const truncated = beginning.length < text.length || ids.length > this.#maxTokens;
    return { tokens: Int32Array.from(this.#cut(ids)), truncated };
  }

  /** Closing special tokens, such as BERT's [SEP], stay at the end. */
  #cut(ids: readonly number[]): readonly number[] {
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - this.#closing.length), ...this.#closing];
  }
}

/**
 * As much of a text as may matter. Normalisation can make eighteen characters of one, so what counts is the length after
 * the normalisation that lengthens most; blanks in front are left out of a text that is cut.
 */
export function boundedText(text: string, limit: number): string {
  if (text.length <= limit && text.normalize('NFKD').length <= limit) return text;
  let beginning = text.trimStart().slice(0, limit);
  while (beginning.normalize('NFKD').length > limit) beginning = beginning.slice(0, beginning.length >> 1);
  return beginning;
}

/** What the tokenizer puts behind any text: the common end of two texts that share no piece. */
function closingTokens(tokenizer: HuggingFaceTokenizer): readonly number[] {
  const [a, b] = ['a', '1'].map((text): number[] => tokenizer.encode(text).ids.toReversed()) as [number[], number[]];
  const common = a.findIndex((id, at) => id !== b[at]);
  return a.slice(0, Math.max(0, common)).reverse();
}

/** @throws ModelError where the model has no tokenizer, or one that cannot be used */
export async function loadTokenizer(model: Model): Promise<TextTokenizer> {
  const { tokenizer } = model.spec.text;
  if (tokenizer === undefined) throw new ModelError(`${model.id} has no tokenizer`);
  const file = modelFile(model, tokenizer);
  try {
    const json = JSON.parse(await readFile(file, 'utf8'));
    return new TextTokenizer(new HuggingFaceTokenizer(json, {}), model.spec.text.max_tokens);
  } catch (cause) {
    throw new ModelError(`cannot use ${file}: ${oneLine(cause)}`, { cause });
  }
}
