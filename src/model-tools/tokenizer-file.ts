import { readFile, writeFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { firstLine } from '../errors.ts';
import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../files/foreign-content.ts';
import { ModelError } from '../model/model-error.ts';
import { decodeText } from '../util/strict-text.ts';

/** Fields of a tokenizer.json with token ids. Unigram models have a list of tokens, others a map of ids. */
interface TokenizerJson {
  readonly model?: {
    readonly vocab?: Readonly<Record<string, unknown>> | readonly unknown[];
    readonly unk_id?: unknown;
  };
  readonly added_tokens?: readonly { readonly id: unknown }[];
}

/** Validates a tokenizer and copies it to a model's folder. @throws ModelError, as `readTokenizerFile` */
export async function copyTokenizer(from: string, to: string, vocabulary: number): Promise<void> {
  await writeFile(to, await readTokenizerFile(from, vocabulary));
}

/**
 * Reads and validates a tokenizer.json.
 * @throws ModelError naming the file if it is not a tokenizer, or has ids outside of the encoder's vocabulary
 */
export async function readTokenizerFile(file: string, vocabulary: number): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new ModelError(`cannot read the tokenizer ${file}: ${firstLine(cause)}`, { cause });
  });
  const foreign = describeForeignContent(bytes.subarray(0, FOREIGN_CONTENT_BYTES));
  if (foreign !== undefined) throw new ModelError(`${file} ${foreign}`);
  const text = decodeTokenizer(file, bytes);
  validateTokenizer(file, text, vocabulary);
  return text;
}

function decodeTokenizer(file: string, bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (cause) {
    throw new ModelError(`${file} is not a tokenizer: ${firstLine(cause)}`, { cause });
  }
}

function validateTokenizer(file: string, text: string, vocabulary: number): void {
  let ids: readonly unknown[];
  try {
    const json: TokenizerJson = JSON.parse(text);
    new Tokenizer(json, {}).encode('a');
    ids = tokenIds(json);
  } catch (cause) {
    throw new ModelError(`${file} is not a tokenizer: ${firstLine(cause)}`, { cause });
  }
  const invalidId = ids.find((id) => !Number.isInteger(id) || (id as number) < 0);
  if (invalidId !== undefined) throw new ModelError(`${file} has an invalid token id: ${JSON.stringify(invalidId)}`);
  const maxId = (ids as number[]).reduce((a, b) => Math.max(a, b), -1);
  if (maxId >= vocabulary) {
    throw new ModelError(`${file} has token ids up to ${maxId}, the text encoder knows ${vocabulary} tokens`);
  }
}

function tokenIds({ model, added_tokens: added = [] }: TokenizerJson): unknown[] {
  const { vocab = {}, unk_id: unknownId } = model ?? {};
  const ids = Array.isArray(vocab) ? [vocab.length - 1] : Object.values(vocab);
  return [...ids, ...(unknownId == null ? [] : [unknownId]), ...added.map(({ id }) => id)];
}
