import type { FuzzRandom } from './fuzz-random.ts';
import { mutateBytes } from './mutate-bytes.ts';

/** JSON that no value of JavaScript has: numbers beyond all bounds, repeated keys, half characters, deep nesting. */
class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const raw = (text: string) => new RawJson(text);

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  '',
  ' ',
  '0',
  'null',
  [],
  {},
  [[]],
  [null],
  0,
  -1,
  1,
  0.5,
  2 ** 31,
  2 ** 53,
  -1e-300,
  1e300,
  raw('1e400'),
  raw('-0'),
  raw('NaN'),
  raw('Infinity'),
  raw('01'),
  raw('1'.repeat(5000)),
  raw('"\\ud83d"'),
  raw('"\\u0000"'),
  raw('"\\x41"'),
  raw('"unended'),
  raw(`"${' '.repeat(5_000_000)}`),
  raw(`${'['.repeat(100_000)}`),
  raw(`${'['.repeat(2000)}1${']'.repeat(2000)}`),
  raw(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`),
  raw(`[${'0,'.repeat(40_000)}0]`),
  raw('{"a":1,"a":2}'),
  raw('{"__proto__":{"polluted":true}}'),
  raw('{"constructor":{"prototype":{"polluted":true}}}'),
  raw('/* comment */ 1'),
  'a'.repeat(20_001),
  'word '.repeat(200_000),
  'data:image/png;base64,',
  'data:image/png;base64,AAAA',
  'data:image/png;base64,****',
  `data:image/png;base64,${'A '.repeat(2_000_000)}`,
  'data:,text',
  'http://127.0.0.1:1/picture.png',
  'file:///etc/passwd',
  '/etc/passwd',
  '../../../../etc/passwd',
  'default',
  'compact@999999999999',
  'compact@-1',
  `${'x'.repeat(300)}@1`,
];

/** Texts at the edges of Unicode */
export const TEXTS: readonly string[] = [
  '\u200b\u200d\ufeff',
  '\u202e\u2066right to left',
  `e${'\u0301'.repeat(10_000)}`,
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}'.repeat(500),
  '\uffff\ufffe\u{10ffff}\u{1fffe}',
  '\0\u0001\u0007\u001b[31m',
  'ﷺ'.repeat(1100),
  '\u1100\u1161\u11a8'.repeat(6000),
  '가'.repeat(19_999),
  '猫'.repeat(5000),
  'ß'.repeat(10_000).toUpperCase(),
  'İ'.repeat(5000),
  '[CLS] [SEP] [MASK] [PAD] [UNK]',
  '##ing ##s ##',
  'a'.repeat(20_000),
  `${'a'.repeat(250)} `.repeat(79),
  '.'.repeat(20_000),
  '1'.repeat(20_000),
  '\u00ad-\n-\n'.repeat(3000),
  '𝒜𝓃𝒹'.repeat(2000),
  "Robert'); DROP TABLE panels;--",
  '%s%n{{7*7}}<%= 7*7 %>',
  '\u0e33'.repeat(10_000),
];

/** A longer text than a request may have would only keep the client busy. */
const MAX_REPEATED_LENGTH = 40_000_000;

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string;
}

/** Changes a value of JSON. @returns its text, and what was done to it */
export function mutateJson(value: unknown, random: FuzzRandom): { text: string; note: string } {
  const copy = structuredClone(value);
  const notes: string[] = [];
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times--) notes.push(mutateOnce(copy, random));
  return { text: stringify(copy), note: notes.join(', ') };
}

/** Changes the bytes of a text. */
export function mutateText(text: string, random: FuzzRandom): { bytes: Buffer; note: string } {
  const bytes = Buffer.from(text);
  const note = random.pick([
    'UTF-16',
    'UTF-16 without a mark',
    'byte order mark',
    'Latin-1',
    'bytes',
    'twice',
    'blanks',
  ]);
  if (note === 'UTF-16') return { bytes: Buffer.from(`\ufeff${text}`, 'utf16le'), note };
  if (note === 'UTF-16 without a mark') return { bytes: Buffer.from(text, 'utf16le'), note };
  if (note === 'byte order mark') return { bytes: Buffer.from(`\ufeff${text}`), note };
  if (note === 'Latin-1') return { bytes: Buffer.from(text.replaceAll('a', 'é'), 'latin1'), note };
  if (note === 'twice') return { bytes: Buffer.concat([bytes, bytes]), note };
  if (note === 'blanks') return { bytes: Buffer.from(`${' \n\t'.repeat(random.length(300_000))}${text}`), note };
  return mutateBytes(bytes, random);
}

function mutateOnce(value: unknown, random: FuzzRandom): string {
  const places = placesOf(value);
  if (places.length === 0) return 'nothing to change';
  const { parent, key } = random.pick(places);
  const object = parent as Record<string, unknown>;
  const action = random.pick(['value', 'value', 'value', 'text', 'removed', 'repeated', 'renamed', 'added', 'swapped']);
  if (action === 'value') object[key] = random.pick(VALUES);
  else if (action === 'text') object[key] = random.pick(TEXTS);
  else if (action === 'swapped') {
    const other = random.pick(places);
    object[key] = copyOf((other.parent as Record<string, unknown>)[other.key]);
  } else if (Array.isArray(parent)) {
    const index = Number(key);
    if (action === 'removed') parent.splice(index, 1);
    else {
      const times = random.pick([1, 2, 63, 64, 65, 600, 2048]);
      const length = Math.max(1, stringify(parent[index]).length);
      const copies = Math.min(times, Math.ceil(MAX_REPEATED_LENGTH / length));
      // Copies of their own: the next change would otherwise be one of all of them.
      parent.splice(index, 0, ...Array.from({ length: copies }, () => copyOf(parent[index])));
    }
  } else if (action === 'removed') delete object[key];
  else if (action === 'renamed') {
    object[`${key}${random.pick(['s', ' ', '\0', '_', '.x'])}`] = object[key];
    delete object[key];
  } else if (action === 'repeated') {
    const fields = Object.entries(object).map(([name, field]) => `${JSON.stringify(name)}:${stringify(field)}`);
    const twice = `${JSON.stringify(key)}:${stringify(random.pick([object[key], null, 1]))}`;
    for (const name of Object.keys(object)) delete object[name];
    object['…'] = raw(`{${[...fields, twice].join(',')}}`);
  } else
    object[random.pick(['unknown', '__proto__ ', 'constructor', 'toString', 'model', 'options', ''])] =
      random.pick(VALUES);
  return `${action} at ${key}`;
}

function copyOf(value: unknown): unknown {
  return value instanceof RawJson ? value : structuredClone(value);
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null || value instanceof RawJson) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesOf(parent[key])]);
}

function stringify(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value);
  const [only] = fields;
  // The whole object, with a key that it has twice
  if (fields.length === 1 && only?.[0] === '…') return stringify(only[1]);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${stringify(field)}`).join(',')}}`;
}
