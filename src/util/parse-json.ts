import { firstLine } from '../errors.ts';

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
    throw new SyntaxError(explain(text, firstLine(cause)), { cause });
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
  {
    pattern: /^version https:\/\/git-lfs/,
    explain: () => 'this is a pointer of Git LFS: fetch the file itself (git lfs pull)',
  },
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

function explain(text: string, message: string): string {
  const masked = text.replace(STRING_PATTERN, (string) => string.replaceAll(/[^\n"]/g, ' '));
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

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** JSON.parse drops repeated keys in silence. Valid JSON has a colon behind each of its keys and nowhere else. */
function findRepeatedKey(text: string, value: unknown): string | undefined {
  const keys = Array.from(text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/gs), ([, string, colon]) =>
    colon ? string : undefined,
  );
  const written = keys.filter((key) => key !== undefined);
  const kept = countKeys(value);
  const keptTotal = [...kept.values()].reduce((sum, count) => sum + count, 0);
  if (written.length === keptTotal) return undefined;
  for (const quoted of written) {
    const key: string = JSON.parse(quoted);
    const count = (kept.get(key) ?? 0) - 1;
    if (count < 0) return key;
    kept.set(key, count);
  }
  return undefined;
}

function countKeys(value: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  // No recursion: nobody has bounded how deep the values nest.
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, entry] of Object.entries(next)) {
      if (!Array.isArray(next)) counts.set(key, (counts.get(key) ?? 0) + 1);
      if (typeof entry === 'object') pending.push(entry);
    }
  }
  return counts;
}
