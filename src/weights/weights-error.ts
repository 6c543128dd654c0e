import { type ErrorFields, PanelvecError } from '../errors.ts';

/** Weights that cannot be used: a broken file, a missing key, a shape that does not fit. The message names the key. */
export class WeightsError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('weights_invalid', message, fields);
    this.name = 'WeightsError';
  }
}

const MAX_QUOTED_CHARACTERS = 200;

/** Text out of a file, fit for a message of one line: clipped, with control and format characters escaped. */
export function escapeControlCharacters(text: string): string {
  const clipped = text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}...` : text;
  return clipped.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );
}
