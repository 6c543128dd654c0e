import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bucketFor, bucketSizes, cutIntoBuckets } from '../../../src/inference/engine/buckets.ts';

it('makes powers of two up to the first that is large enough', () => {
  assert.deepEqual(bucketSizes(1, 8), [1, 2, 4, 8]);
  assert.deepEqual(bucketSizes(2, 6), [2, 4, 8]);
  assert.deepEqual(bucketSizes(2, 1), [2]);
});

it('finds the bucket that holds a number of rows', () => {
  assert.equal(bucketFor(3, [2, 4, 8]), 4);
  assert.equal(bucketFor(9, [2, 4, 8]), 8);
});

it('cuts without waste, or with the fewest runs', () => {
  const sizes = (count: number, rule: 'exact' | 'pad') =>
    cutIntoBuckets(count, [1, 2, 4, 8], rule).map((chunk) => chunk.size);
  assert.deepEqual(sizes(7, 'exact'), [4, 2, 1]);
  assert.deepEqual(sizes(7, 'pad'), [8]);
  assert.deepEqual(sizes(19, 'exact'), [8, 8, 2, 1]);
  assert.deepEqual(sizes(19, 'pad'), [8, 8, 4]);
  assert.deepEqual(sizes(0, 'pad'), []);
});

it('covers every row once, in order', () => {
  for (const rule of ['exact', 'pad'] as const) {
    for (let count = 0; count < 40; count++) {
      const chunks = cutIntoBuckets(count, [2, 4, 8], rule);
      const rows = chunks.flatMap(({ start, count: rows }) => Array.from({ length: rows }, (_, i) => start + i));
      assert.deepEqual(rows, [...Array(count).keys()]);
      assert.ok(chunks.every((chunk) => chunk.count <= chunk.size));
    }
  }
});
