import assert from 'node:assert/strict';
import { it } from 'node:test';
import { boxBetween, clipBox } from '../../../../src/web/views/try/drawn-page.ts';

it('a box between two corners is the same from all four, and stays inside the page', () => {
  const page = { width: 100, height: 50 };
  for (const [a, b] of [
    [
      [10, 20],
      [40, 30],
    ],
    [
      [40, 30],
      [10, 20],
    ],
    [
      [10, 30],
      [40, 20],
    ],
  ] as const) {
    assert.deepEqual(boxBetween(a, b), [10, 20, 30, 10]);
  }
  assert.deepEqual(clipBox([-5.4, 45.6, 20, 20], page), [0, 46, 20, 4]);
  assert.deepEqual(clipBox([200, 200, 5, 5], page), [99, 49, 1, 1]);
});
