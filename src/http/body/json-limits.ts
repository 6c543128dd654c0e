import { PanelvecError } from '../../errors.ts';
import { findStringEnd } from '../../util/json.ts';
import { hasTokenIds, TOKEN_IDS_MESSAGE } from '../token-ids.ts';

const MAX_DEPTH = 32;
const MAX_DELIMITERS_PER_VALUE = 6;

/**
 * Bounds JSON before it is parsed: a few megabytes of brackets or one-character elements would hold the event loop for
 * seconds in JSON.parse and in the schemas after it. One pass over the text, which jumps over strings.
 * @throws PanelvecError invalid_json where it nests too deep, too_many_items where it holds too many values
 */
export function assertJsonLimits(text: string, maxValues: number): void {
  let depth = 0;
  let valueCount = 1;
  let delimiterCount = 0;
  const delimiterPattern = /["[\]{},]/g;
  for (let match = delimiterPattern.exec(text); match !== null; match = delimiterPattern.exec(text)) {
    const [delimiter] = match;
    // JSON has a few delimiters per value. Text with more is no JSON, and the pass over it must end soon too.
    if (++delimiterCount > MAX_DELIMITERS_PER_VALUE * maxValues) valueCount = Number.POSITIVE_INFINITY;
    if (delimiter === '"') delimiterPattern.lastIndex = findStringEnd(text, match.index);
    else if (delimiter === ',') valueCount++;
    else if (delimiter === '[' || delimiter === '{') depth++;
    else depth--;
    if (depth > MAX_DEPTH) throw new PanelvecError('invalid_json', `the JSON nests deeper than ${MAX_DEPTH} levels`);
    if (valueCount > maxValues) {
      const hint = hasTokenIds(text) ? `: ${TOKEN_IDS_MESSAGE}` : '';
      throw new PanelvecError('too_many_items', `the JSON holds more than ${maxValues} values${hint}`);
    }
  }
}
