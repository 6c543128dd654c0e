import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatRows } from '../../src/util/format-rows.ts';

it('lists rows with ranges', () => {
  assert.equal(formatRows([]), '');
  assert.equal(formatRows([3]), '3');
  assert.equal(formatRows([0, 3, 4, 5, 9]), '0,3-5,9');
  assert.equal(formatRows(Array.from({ length: 2048 }, (_, row) => row)), '0-2047');
});

it('ends a long list in dots', () => {
  const text = formatRows(Array.from({ length: 1000 }, (_, i) => 2 * i));
  assert.match(text, /^0,2,4,.*,198,\.\.\.$/);
});
