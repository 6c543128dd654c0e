import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Matrix } from 'ml-matrix';
import { interleaveRows } from '../../src/training/preparation/closed-form/matrices.ts';
import { principalComponents, symmetricEigenvectors } from '../../src/vector-analysis/symmetric-eigenvectors.ts';
import { maxDifference, seeded } from '../support/numeric.ts';

const random = seeded(4);
const rows = new Matrix(Array.from({ length: 3 }, () => Array.from({ length: 8 }, random)));
/** Of rank 3 */
const covariance = rows.transpose().mmul(rows);

it('eigenvectors come by falling eigenvalue, with their largest number positive', () => {
  const { vectors, values } = symmetricEigenvectors(covariance);
  assert.deepEqual(
    values,
    values.toSorted((a, b) => b - a),
  );
  for (const [i, value] of values.entries()) {
    const vector = vectors.getRow(i);
    const product = covariance.mmul(Matrix.columnVector(vector)).to1DArray();
    const scaled = vector.map((number) => number * value);
    assert.ok(maxDifference(product, scaled) < 1e-12);
    assert.equal(Math.max(...vector), Math.max(...vector.map(Math.abs)));
  }
});

it('principal components are as many as there is variance for', () => {
  assert.equal(principalComponents(covariance, 5).vectors.rows, 3);
  assert.deepEqual(principalComponents(covariance, 2).values, symmetricEigenvectors(covariance).values.slice(0, 2));
  assert.equal(principalComponents(Matrix.zeros(4, 4), 2).vectors.rows, 0);
});

it('rows of two blocks stand by turns as long as both have some', () => {
  const [a, b] = [new Matrix([[1], [2], [3]]), new Matrix([[10]])];
  assert.deepEqual(interleaveRows(a, b).to1DArray(), [1, 10, 2, 3]);
});
