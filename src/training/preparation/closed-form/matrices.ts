import { Matrix } from 'ml-matrix';
import { elementAt } from '../../../util/arrays.ts';
import type { Moments } from './moments.ts';

/** The sum over rows of (x - centre) (x - centre)'. Symmetric to the last bit. */
export function scatter(moments: Moments, centre: Float64Array): Matrix {
  return crossScatter(moments.products(), moments, moments, centre, centre);
}

/** The sum over pairs of rows of (x - xCentre) (y - yCentre)'. @param products the sum of x y' */
export function crossScatter(
  products: readonly Float64Array[],
  { count, sum: xSum }: Pick<Moments, 'count' | 'sum'>,
  { sum: ySum }: Pick<Moments, 'sum'>,
  xCentre: Float64Array,
  yCentre: Float64Array,
): Matrix {
  const rows = products.map((row, i) => {
    const [sum, centre] = [elementAt(xSum, i), elementAt(xCentre, i)];
    return row.map((value, j) => {
      const [otherSum, otherCentre] = [elementAt(ySum, j), elementAt(yCentre, j)];
      return value - (centre * otherSum + sum * otherCentre) + count * (centre * otherCentre);
    });
  });
  return new Matrix(rows);
}

/** Multiplies each row by its factor, in place. */
export function scaleRows(matrix: Matrix, factors: ArrayLike<number>): Matrix {
  for (let row = 0; row < matrix.rows; row++) matrix.mulRow(row, elementAt(factors, row));
  return matrix;
}

/** D M D for a diagonal D, in place. Symmetric to the last bit where M is. */
export function scaleBothSides(matrix: Matrix, factors: Float64Array): Matrix {
  for (let i = 0; i < matrix.rows; i++) {
    const factor = elementAt(factors, i);
    for (let j = 0; j < matrix.columns; j++) matrix.set(i, j, matrix.get(i, j) * (factor * elementAt(factors, j)));
  }
  return matrix;
}

/** Adds a number to the diagonal, in place. */
export function addToDiagonal(matrix: Matrix, value: number): Matrix {
  for (let i = 0; i < matrix.rows; i++) matrix.set(i, i, matrix.get(i, i) + value);
  return matrix;
}

/** Rows of both by turns, as long as both have some. */
export function interleaveRows(a: Matrix, b: Matrix): Matrix {
  const rows: number[][] = [];
  for (let i = 0; i < Math.max(a.rows, b.rows); i++) {
    if (i < a.rows) rows.push(a.getRow(i));
    if (i < b.rows) rows.push(b.getRow(i));
  }
  return new Matrix(rows);
}
