import type { FastifyInstance } from 'fastify';
import { PanelvecError } from '../../errors.ts';

const MAX_DEPTH = 32;
const MAX_DELIMITERS_PER_VALUE = 6;
const OPENING_BRACKETS = new Set(['[', '{']);
const CLOSING_BRACKETS = new Set([']', '}']);

/**
 * Bounds JSON before it is parsed: a few megabytes of brackets or one-character elements would hold the event loop for
 * seconds in JSON.parse and in the checks behind it. One pass over the text, jumping over strings.
 * @throws PanelvecError invalid_json where it nests too deep, too_many_items where it holds too many values
 */
export function assertJsonLimits(text: string, maxValues: number): void {
  let depth = 0;
  let valueCount = 1;
  let delimiterCount = 0;
  const delimiterPattern = /["[\]{},]/g;
  for (let match = delimiterPattern.exec(text); match !== null; match = delimiterPattern.exec(text)) {
    const [delimiter] = match;
    // Also in text that is no JSON at all, the pass ends soon: each value has a few marks.
    if (++delimiterCount > MAX_DELIMITERS_PER_VALUE * maxValues) valueCount = Number.POSITIVE_INFINITY;
    if (delimiter === '"') delimiterPattern.lastIndex = findStringEnd(text, match.index);
    else if (delimiter === ',') valueCount++;
    else if (OPENING_BRACKETS.has(delimiter)) depth++;
    else if (CLOSING_BRACKETS.has(delimiter)) depth--;
    if (depth > MAX_DEPTH) throw new PanelvecError('invalid_json', `the JSON nests deeper than ${MAX_DEPTH} levels`);
    if (valueCount > maxValues)
      throw new PanelvecError('too_many_items', `the JSON holds more than ${maxValues} values`);
  }
}

/** The place behind a string's closing quote. */
function findStringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Fastify's own JSON parser, which refuses fields such as __proto__, behind the bounds. */
export function registerJsonParser(
  app: FastifyInstance,
  limits: { maxJsonBytes: number; maxJsonValues: number },
): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: limits.maxJsonBytes },
    (request, body, done) => {
      try {
        assertJsonLimits(body, limits.maxJsonValues);
        return parseJson(request, body, done);
      } catch (error) {
        return done(error as Error);
      }
    },
  );
}
