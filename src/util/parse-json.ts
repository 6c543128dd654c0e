import { firstLine } from '../errors.ts';
import { findStringEnd } from './json.ts';

export interface ParsedJson {
  readonly value: unknown;
  /** A key that an object has twice. As in most readers, its last value counts. */
  readonly repeatedKey: string | undefined;
}

/** Parses JSON. @throws SyntaxError that says in plain words what kind of text this is, and the line where it goes wrong */
export function parseJson(text: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(explainJsonError(text, cause), { cause });
  }
  return { value, repeatedKey: findRepeatedKey(text, value) };
}

/** A string, or one that the end of the text cuts off */
const STRING_PATTERN = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)/gs;

interface Explanation {
  readonly pattern: RegExp;
  /** What is wrong where the pattern matches */
  explain(match: string): string;
}

/** What is written where JSON should be. Strings are blanked out before the patterns are tried. */
const EXPLANATIONS: readonly Explanation[] = [
  { pattern: /^\s*$/, explain: () => 'the text is empty' },
  { pattern: /^\s*</, explain: () => 'this is HTML or XML, not JSON' },
  { pattern: /^\s*```/, explain: () => 'this is Markdown: take the JSON out of its block of code' },
  {
    pattern: /-?\b(?:NaN|Infinity)\b/,
    explain: (match) => `${match} is not JSON, though json.dump of Python writes it (allow_nan=False prevents that)`,
  },
  { pattern: /\b(?:None|True|False)\b/, explain: (match) => `${match} is Python, not JSON: write it with json.dump` },
  { pattern: /,\s*[\]}]/, explain: () => 'there is a comma after the last element' },
  { pattern: /'/, explain: () => 'there are single quotes where JSON has double quotes' },
];

/** Says in plain words what kind of text this is, and the line where it goes wrong. @param error that of JSON.parse */
export function explainJsonError(text: string, error: unknown): string {
  const message = firstLine(error);
  const masked = text.replace(STRING_PATTERN, blankString);
  for (const { pattern, explain } of EXPLANATIONS) {
    const match = pattern.exec(masked);
    if (match) return `line ${lineAt(text, match.index)}: ${explain(match[0])}`;
  }
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  if (/after JSON/.test(message)) {
    return `line ${lineAt(text, position)}: a second value begins, as in JSON Lines; one file holds one value`;
  }
  const endsEarly = /end of JSON input|Unterminated string/.test(message) || position >= text.trimEnd().length;
  return endsEarly ? `line ${lineAt(text, text.length)}: the text ends early` : message;
}

/** A string of the same length with nothing in it. Broken JSON may have a string of many megabytes: no pattern looks at each character. */
function blankString(string: string): string {
  const isClosed = string.length > 1 && string.endsWith('"');
  return isClosed ? `"${' '.repeat(string.length - 2)}"` : `"${' '.repeat(string.length - 1)}`;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/**
 * A key that an object of the text has twice, of which JSON.parse drops the first in silence.
 * @param value what JSON.parse made of the text
 */
export function findRepeatedKey(text: string, value: unknown): string | undefined {
  // To compare the names takes ten times as long, and hardly any file has fewer keys than it writes.
  if (countWrittenKeys(text) === countKeptKeys(value)) return undefined;
  const keysOfObjects: Set<string>[] = [];
  const pattern = /["{}]/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [delimiter] = match;
    if (delimiter === '{') keysOfObjects.push(new Set());
    else if (delimiter === '}') keysOfObjects.pop();
    else {
      const end = findStringEnd(text, match.index);
      pattern.lastIndex = end;
      if (!isKey(text, end)) continue;
      const key: string = JSON.parse(text.slice(match.index, end));
      const keys = keysOfObjects.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

function countWrittenKeys(text: string): number {
  let count = 0;
  for (let quote = text.indexOf('"'); quote >= 0; ) {
    const end = findStringEnd(text, quote);
    if (isKey(text, end)) count++;
    quote = text.indexOf('"', end);
  }
  return count;
}

/** Whether a string that ends there is a key: valid JSON has a colon behind each of its keys and nowhere else. */
function isKey(text: string, end: number): boolean {
  let next = end;
  while (/\s/.test(text.charAt(next))) next++;
  return text[next] === ':';
}

function countKeptKeys(value: unknown): number {
  let count = 0;
  for (const object of listObjects(value)) if (!Array.isArray(object)) count += Object.keys(object).length;
  return count;
}

/** All objects and lists in a value. No recursion: nobody has bounded how deep they nest. */
function* listObjects(value: unknown): Generator<object> {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    yield next;
    const entries: unknown[] = Array.isArray(next) ? next : Object.values(next);
    for (const entry of entries) if (typeof entry === 'object') pending.push(entry);
  }
}
