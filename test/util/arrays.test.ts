import assert from 'node:assert/strict';
import { it } from 'node:test';
import { concatenateFloats } from '../../src/util/arrays.ts';

it('joins rows in their order, also of different lengths, or none', () => {
  assert.deepEqual(
    concatenateFloats([Float32Array.of(1, 2), Float32Array.of(), Float32Array.of(3)]),
    Float32Array.of(1, 2, 3),
  );
  assert.deepEqual(concatenateFloats([]), new Float32Array());
});
