import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson, escapeNonAscii, isObject } from '../../src/util/json.ts';

it('escapes all that is not ASCII, as json.dumps of Python does, and stays the same JSON', () => {
  const value = { tête: '漫画 \u007f ~ \u0080 😀 "\n' };
  const text = escapeNonAscii(JSON.stringify(value));
  // Of Python 3: json.dumps(value, separators=(',', ':'))
  assert.equal(text, String.raw`{"t\u00eate":"\u6f2b\u753b \u007f ~ \u0080 \ud83d\ude00 \"\n"}`);
  assert.deepEqual(JSON.parse(text), value);
});

describe('canonicalJson', () => {
  it('sorts keys at every level, and leaves arrays in their order', () => {
    const value = { b: [{ d: 1, c: null }, 'x'], a: { f: true, e: 1.5 } };
    assert.equal(canonicalJson(value), '{"a":{"e":1.5,"f":true},"b":[{"c":null,"d":1},"x"]}');
    assert.equal(
      canonicalJson({ b: 1, a: [2] }, 4),
      ['{', '    "a": [', '        2', '    ],', '    "b": 1', '}'].join('\n'),
    );
  });
});

it('tells objects from arrays, null and other values', () => {
  assert.deepEqual([{}, { a: 1 }, [], null, undefined, 'text', 7].map(isObject), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
