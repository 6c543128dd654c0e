import assert from 'node:assert/strict';
import { it } from 'node:test';
import { foldDuplicates } from '../../../../src/web/views/search/fold-duplicates.ts';

it('near duplicates go under their first, and nothing is lost', () => {
  const rows = [
    { id: 'a', near_duplicate_of: null },
    { id: 'b', near_duplicate_of: null },
    { id: 'c', near_duplicate_of: 'a' },
    { id: 'd', near_duplicate_of: 'absent' },
    { id: 'e', near_duplicate_of: 'a' },
  ];
  const folded = foldDuplicates(rows).map(({ row, duplicates }) => [row.id, duplicates.map(({ id }) => id)]);
  assert.deepEqual(folded, [
    ['a', ['c', 'e']],
    ['b', []],
    ['d', []],
  ]);
});
