import { PanelvecError } from '../errors.ts';
import type { EngineOutput } from '../inference/engine-types.ts';
import type { TextReading } from '../preprocess/text-tokenizer.ts';

/** What to do with a text that is longer than the encoder reads: cut its end off and say so, or refuse it. */
export const TRUNCATIONS = ['end', 'refuse'] as const;
export type Truncation = (typeof TRUNCATIONS)[number];

export interface TextOptions {
  /** The first is never null: a panel without its modality is refused. */
  readonly outputs: readonly EngineOutput[];
  /** `end` by default */
  readonly truncation?: Truncation | undefined;
}

/** A text with its path in the request, for errors. */
export interface TextField {
  readonly value: string;
  readonly field: string;
}

/** A text of a request with what was read of it. */
export interface ReadText {
  readonly field: string;
  readonly reading: TextReading;
  /** Whether the panel has anything but this text */
  readonly hasOthers: boolean;
}

/** @throws PanelvecError text_too_long or invalid_request (blank) naming `field` */
export function assertTextSize(text: TextField, maxCharacters: number): void {
  const { value, field } = text;
  if (value.length > maxCharacters) {
    const message = `the text has ${value.length} characters, over ${maxCharacters}`;
    throw new PanelvecError('text_too_long', message, { param: field });
  }
  assertTextNotBlank(text);
}

/** @throws PanelvecError invalid_request naming `field` */
export function assertTextNotBlank({ value, field }: TextField): void {
  if (value.trim() === '') throw new PanelvecError('invalid_request', 'the text is empty', { param: field });
}

/**
 * Refuses a text that would lose its end where the request says so. @throws PanelvecError text_too_long naming its field
 * @param maxTokens what the encoder reads
 */
export function assertNotTruncated(texts: readonly ReadText[], { truncation }: TextOptions, maxTokens: number): void {
  if (truncation !== 'refuse') return;
  const longText = texts.find(({ reading }) => reading.truncated);
  if (longText === undefined) return;
  const { field, reading } = longText;
  const size = reading.length === undefined ? 'is far too long' : `has ${reading.length} tokens`;
  const message = `the text ${size}, the model reads ${maxTokens} tokens`;
  throw new PanelvecError('text_too_long', message, { param: field });
}

/**
 * Refuses texts that count as absent where nothing else makes a vector: a panel of nothing else, or one whose first output is
 * that of its text. @throws PanelvecError text_unsupported naming the field of the first, and the others in its message
 */
export function assertTextsKnown(texts: readonly ReadText[], { outputs: [firstOutput] }: TextOptions): void {
  const fields = texts
    .filter(({ reading, hasOthers }) => reading.isUnknown && (!hasOthers || firstOutput === 'text'))
    .map(({ field }) => field);
  const [param, ...others] = fields;
  if (param === undefined) return;
  const alsoUnknown = others.length === 0 ? '' : `, nor of ${listFields(others)}`;
  const message = `the model's vocabulary has no word of this text${alsoUnknown}: there is nothing to make a vector of`;
  throw new PanelvecError('text_unsupported', message, { param });
}

const MAX_LISTED = 16;

function listFields(fields: readonly string[]): string {
  const listed = fields.slice(0, MAX_LISTED).join(', ');
  return fields.length > MAX_LISTED ? `${listed} and ${fields.length - MAX_LISTED} more` : listed;
}
