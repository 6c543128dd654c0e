import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { combineVectors, meanDirection } from '../../../src/collections/search/query-vector.ts';
import { maxDifference } from '../../support/numeric.ts';

const X = Float32Array.from([1, 0, 0]);
const Y = Float32Array.from([0, 1, 0]);

describe('the vector of a query', () => {
  it('is the weighted sum of its parts, of unit length', () => {
    const vector = combineVectors([
      { vector: X, weight: 3 },
      { vector: Y, weight: 4 },
    ]);
    assert.ok(maxDifference(vector, [0.6, 0.8, 0]) < 1e-6);
  });

  it('points away from what has a negative weight', () => {
    const vector = combineVectors([
      { vector: X, weight: 1 },
      { vector: Y, weight: -1 },
    ]);
    assert.ok(maxDifference(vector, [Math.SQRT1_2, -Math.SQRT1_2, 0]) < 1e-6);
  });

  it('is refused where its parts cancel each other out, or count nothing', () => {
    const opposites = [
      { vector: X, weight: 1 },
      { vector: X, weight: -1 },
    ];
    for (const parts of [opposites, [{ vector: X, weight: 0 }]])
      assert.throws(() => combineVectors(parts), { code: 'invalid_request', param: 'weights' });
  });

  it('has the mean direction of several panels, however alike they are', () => {
    assert.ok(maxDifference(meanDirection([X, Y]), [Math.SQRT1_2, Math.SQRT1_2, 0]) < 1e-6);
    assert.equal(meanDirection([X]), X);
  });
});
