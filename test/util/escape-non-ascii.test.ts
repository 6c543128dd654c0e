import assert from 'node:assert/strict';
import { it } from 'node:test';
import { escapeNonAscii } from '../../src/util/escape-non-ascii.ts';

it('escapes all that is not ASCII, as json.dumps of Python does, and stays the same JSON', () => {
  const value = { tête: '漫画 \u007f ~ \u0080 😀 "\n' };
  const text = escapeNonAscii(JSON.stringify(value));
  // Of Python 3: json.dumps(value, separators=(',', ':'))
  assert.equal(text, String.raw`{"t\u00eate":"\u6f2b\u753b \u007f ~ \u0080 \ud83d\ude00 \"\n"}`);
  assert.deepEqual(JSON.parse(text), value);
});
