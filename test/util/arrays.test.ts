import assert from 'node:assert/strict';
import { it } from 'node:test';
import { concatenateFloats, elementAt } from '../../src/util/arrays.ts';

it('joins rows in their order, also of different lengths, or none', () => {
  assert.deepEqual(
    concatenateFloats([Float32Array.of(1, 2), Float32Array.of(), Float32Array.of(3)]),
    Float32Array.of(1, 2, 3),
  );
  assert.deepEqual(concatenateFloats([]), new Float32Array());
});

it('gives elements that exist, and throws for others', () => {
  assert.equal(elementAt(['a', 'b'], 1), 'b');
  assert.equal(elementAt(Float32Array.of(0.5), 0), 0.5);
  for (const index of [-1, 2, 0.5]) assert.throws(() => elementAt(['a', 'b'], index), RangeError);
});
