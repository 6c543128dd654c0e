import type { FastifyInstance } from 'fastify';
import { PanelvecError } from '../errors.ts';

const DEEPEST = 32;
const MARKS_PER_VALUE = 6;
const OPENING = new Set(['[', '{']);
const CLOSING = new Set([']', '}']);

/**
 * Bounds JSON before it is parsed: a few megabytes of brackets or one-character elements would hold the event loop for
 * seconds in JSON.parse and in the checks behind it. One pass over the text, jumping over strings.
 * @throws PanelvecError invalid_json where it nests too deep, too_many_items where it holds too many values
 */
export function assertBounded(text: string, maxValues: number): void {
  let depth = 0;
  let values = 1;
  let marks = 0;
  const structure = /["[\]{},]/g;
  for (let found = structure.exec(text); found !== null; found = structure.exec(text)) {
    const [mark] = found;
    // Also in text that is no JSON at all, the pass ends soon: each value has a few marks.
    if (++marks > MARKS_PER_VALUE * maxValues) values = Number.POSITIVE_INFINITY;
    if (mark === '"') structure.lastIndex = endOfString(text, found.index);
    else if (mark === ',') values++;
    else if (OPENING.has(mark)) depth++;
    else if (CLOSING.has(mark)) depth--;
    if (depth > DEEPEST) throw new PanelvecError('invalid_json', `the JSON nests deeper than ${DEEPEST} levels`);
    if (values > maxValues) throw new PanelvecError('too_many_items', `the JSON holds more than ${maxValues} values`);
  }
}

/** The place behind a string's closing quote. */
function endOfString(text: string, start: number): number {
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
        assertBounded(body, limits.maxJsonValues);
        return parseJson(request, body, done);
      } catch (error) {
        return done(error as Error);
      }
    },
  );
}
