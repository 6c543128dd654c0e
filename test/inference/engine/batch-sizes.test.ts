import assert from 'node:assert/strict';
import { it } from 'node:test';
import { textBatchSizesAtLength } from '../../../src/inference/engine/batch-sizes.ts';

const SIZES = [2, 4, 8];

it('runs fewer of the longer texts together on a CPU, and always has a size for one', () => {
  const sizes = [16, 64, 128, 256, 1024].map((length) => textBatchSizesAtLength(SIZES, length, 'cpu'));
  assert.deepEqual(sizes, [[2, 4, 8], [2, 4, 8], [2, 4], [2], [2]]);
});

it('runs texts of any length together on a GPU', () => {
  assert.deepEqual(textBatchSizesAtLength(SIZES, 1024, 'cuda'), SIZES);
});
