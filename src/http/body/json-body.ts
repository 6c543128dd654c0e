import secureJson from 'secure-json-parse';
import { PanelvecError } from '../../errors.ts';
import { explainJsonError, findRepeatedKey } from '../../util/parse-json.ts';
import { decodeText, InvalidTextError } from '../../util/strict-text.ts';
import { formatPath } from '../validation.ts';
import { assertJsonLimits } from './json-limits.ts';

export interface JsonBodyOptions {
  readonly maxValues: number;
  /** The part of the request that holds the JSON, for errors; undefined for the body itself */
  readonly param?: string;
  /** Whether fields such as __proto__ are left to a schema that ignores unknown fields */
  readonly ignoresUnknownFields?: boolean;
}

/**
 * Parses the JSON of a request within bounds. Its text must be UTF-8, or UTF-16 with a byte order mark.
 * @throws PanelvecError invalid_json, too_many_items, or invalid_request naming a field that is repeated or whose text is broken
 */
export function parseJsonBytes(
  bytes: Uint8Array,
  { maxValues, param, ignoresUnknownFields = false }: JsonBodyOptions,
): unknown {
  const text = decodeJsonText(bytes, param);
  assertJsonLimits(text, maxValues);
  const action = ignoresUnknownFields ? 'ignore' : 'error';
  let value: unknown;
  try {
    value = secureJson(text, undefined, { protoAction: action, constructorAction: action });
  } catch (cause) {
    const message = text.trim() === '' ? 'the JSON is empty' : `this is not JSON: ${explainJsonError(text, cause)}`;
    throw new PanelvecError('invalid_json', message, { param, cause });
  }
  const repeatedKey = findRepeatedKey(text, value);
  if (repeatedKey !== undefined) {
    const message = 'an object has this field twice: only the last would count';
    throw new PanelvecError('invalid_request', message, { param: repeatedKey });
  }
  // Only an escape can be half a character. Most bodies have none, and this search is faster than the pattern.
  if (text.includes('\\u') && SURROGATE_ESCAPE.test(text)) assertWellFormed(value, []);
  return value;
}

function decodeJsonText(bytes: Uint8Array, param: string | undefined): string {
  // JSON begins with a character of ASCII.
  if (bytes[0] === 0 || bytes[1] === 0) {
    const message = 'the text is UTF-16 or UTF-32 without a byte order mark; send UTF-8';
    throw new PanelvecError('invalid_json', message, { param });
  }
  try {
    return decodeText(bytes);
  } catch (cause) {
    if (!(cause instanceof InvalidTextError)) throw cause;
    throw new PanelvecError('invalid_json', `${cause.message}; send UTF-8`, { param, cause });
  }
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Refuses half a character, such as "\ud83d": a tokenizer would read another character in its place. */
function assertWellFormed(value: unknown, path: readonly PropertyKey[]): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new PanelvecError('invalid_request', 'the text has a lone surrogate, which is half a character', {
      param: formatPath(path),
    });
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const [i, element] of value.entries()) assertWellFormed(element, [...path, i]);
  else for (const [key, field] of Object.entries(value)) assertWellFormed(field, [...path, key]);
}
