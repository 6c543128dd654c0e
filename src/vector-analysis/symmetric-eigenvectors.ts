import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Eigenvalues below this fraction of the largest are rounding errors of a matrix that has no more. */
const MIN_RELATIVE_EIGENVALUE = 1e-9;

/** Eigenvectors as rows, that of the largest eigenvalue first. */
export interface Eigenvectors {
  /** (count, width) */
  readonly vectors: Matrix;
  readonly values: readonly number[];
}

/** All eigenvectors of a symmetric matrix. The sign of each is arbitrary: its largest number shall be positive. */
export function symmetricEigenvectors(matrix: Matrix): Eigenvectors {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = realEigenvalues.map((value, column) => ({ value, column })).sort((a, b) => b.value - a.value);
  return {
    vectors: new Matrix(order.map(({ column }) => withPositivePeak(eigenvectorMatrix.getColumn(column)))),
    values: order.map(({ value }) => value),
  };
}

/** The `count` leading eigenvectors of a covariance, or as many as have a variance. */
export function principalComponents(covariance: Matrix, count: number): Eigenvectors {
  const { vectors, values } = symmetricEigenvectors(covariance);
  const minimum = MIN_RELATIVE_EIGENVALUE * (values[0] ?? 0);
  const leading = values.filter((value) => value > minimum).slice(0, count);
  return {
    vectors: leading.length === 0 ? new Matrix(0, vectors.columns) : firstRows(vectors, leading.length),
    values: leading,
  };
}

function firstRows(matrix: Matrix, count: number): Matrix {
  return matrix.subMatrix(0, count - 1, 0, matrix.columns - 1);
}

function withPositivePeak(vector: readonly number[]): number[] {
  const peak = vector.reduce((largest, value) => (Math.abs(value) > Math.abs(largest) ? value : largest), 0);
  return peak < 0 ? vector.map((value) => -value) : [...vector];
}
