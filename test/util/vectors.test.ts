import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cosineSimilarity, isFiniteVector, toUnitRows, truncateAndNormalize } from '../../src/util/vectors.ts';

describe('the cosine similarity of two vectors', () => {
  it('is 1 in the same direction, 0 at a right angle, -1 in the opposite direction', () => {
    assert.equal(cosineSimilarity([1, 2, 2], [2, 4, 4]), 1);
    assert.equal(cosineSimilarity([3, 0], [0, 5]), 0);
    assert.equal(cosineSimilarity(Float32Array.of(1, -1), Float32Array.of(-1, 1)), -1);
  });

  it('is NaN where one is zero or shorter', () => {
    assert.equal(cosineSimilarity([0, 0], [1, 2]), Number.NaN);
    assert.equal(cosineSimilarity([1, 2], [1]), Number.NaN);
  });
});

describe('a vector that is truncated and normalised', () => {
  const vector = Float32Array.of(3, 4, 12);

  it('has its first numbers, at unit length where that is wanted', () => {
    assert.deepEqual(truncateAndNormalize(vector, 2, false), Float32Array.of(3, 4));
    assert.deepEqual(truncateAndNormalize(vector, 2, true), Float32Array.of(0.6, 0.8));
    assert.deepEqual(truncateAndNormalize(vector, 3, true), Float32Array.of(3 / 13, 4 / 13, 12 / 13));
    assert.deepEqual(vector, Float32Array.of(3, 4, 12));
  });

  it('stays as it is where it is zero', () => {
    assert.deepEqual(truncateAndNormalize(new Float32Array(3), 2, true), new Float32Array(2));
  });
});

it('each row of a matrix gets unit length, and a row of zeros stays', () => {
  assert.deepEqual(toUnitRows(Float32Array.of(3, 4, 0, 0, 0, -2), 2), Float32Array.of(0.6, 0.8, 0, 0, 0, -1));
});

it('a vector is finite where none of its numbers is infinite or NaN', () => {
  assert.equal(isFiniteVector(Float32Array.of(1, -3.4e38, 0)), true);
  for (const value of [Number.NaN, Infinity, -Infinity]) assert.equal(isFiniteVector(Float32Array.of(1, value)), false);
});
