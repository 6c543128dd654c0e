import assert from 'node:assert/strict';
import { it } from 'node:test';
import { printableText } from '../../src/cli/printable-text.ts';

it('a text of a dataset is printed on one line, without what a terminal obeys', () => {
  assert.equal(printableText(' a\u001b[2J\r\nb\u009b31m\tc\u2028\u202ed '), 'a [2J b 31m c d');
  assert.equal(printableText('\u{1F600} <b>"é"'), '\u{1F600} <b>"é"');
});
