import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatBytes, formatDuration, toWords } from '../../../src/web/components/format-values.ts';

it('bytes, durations and names are shown as people read them', () => {
  assert.deepEqual([0, 999, 8_625_176, 250_000_000].map(formatBytes), ['0 B', '999 B', '8.6 MB', '250 MB']);
  assert.deepEqual([0.25, 42, 83, 3723, 90_000].map(formatDuration), [
    '0.3 s',
    '42 s',
    '1 min 23 s',
    '1 h 2 min',
    '1 d 1 h',
  ]);
  assert.equal(toWords('max_panels_per_page'), 'Max panels per page');
});
