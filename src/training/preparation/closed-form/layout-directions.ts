import { CholeskyDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { elementAt } from '../../../util/arrays.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import type { FeatureMoments } from './feature-moments.ts';
import { addToDiagonal, crossScatter, scaleRows } from './matrices.ts';
import type { Standardization } from './picture-statistics.ts';

export type LayoutOptions = Pick<ClosedFormOptions, 'layout_passes' | 'layout_ridge'>;

/** Layouts whose variance is below it are all the same. */
const MIN_VARIANCE = 1e-9;

/**
 * Directions of standardised pictures that tell the layout of their panels: those of ridge regressions from pictures to layouts,
 * each pass on what the passes before have left. Pictures are squashed to squares, so that the encoders see the aspect ratio
 * everywhere; vectors without it find what is drawn, not panels of the same shape.
 * @param total the covariance of the standardised pictures
 * @returns (features, directions), orthonormal; undefined if there is nothing to remove
 */
export function layoutDirections(
  { layouts, layoutPairs, withLayout }: FeatureMoments,
  { mean, scale }: Standardization,
  total: Matrix,
  { layout_passes: passes, layout_ridge: ridge }: LayoutOptions,
): Matrix | undefined {
  if (passes === 0 || withLayout.count === 0) return undefined;
  const layoutMean = layouts.sum.map((value) => value / layouts.count);
  const variances = layoutMean.map((value, i) => layouts.variance(i, value));
  const varying = [...variances.keys()].filter((i) => elementAt(variances, i) > MIN_VARIANCE);
  if (varying.length === 0) return undefined;
  const products = scaleRows(
    crossScatter(layoutPairs.products(), withLayout, layouts, mean, layoutMean).div(layouts.count),
    scale,
  );
  const targets = products.subMatrixColumn(varying);
  for (const [column, i] of varying.entries()) targets.mulColumn(column, 1 / Math.sqrt(elementAt(variances, i)));
  let directions = new Matrix(total.rows, 0);
  for (let pass = 0; pass < passes; pass++) {
    const penalized = addToDiagonal(removeFromBothSides(total, directions), ridge);
    const solution = new CholeskyDecomposition(penalized).solve(removeFromRows(targets, directions));
    directions = orthonormalColumns(directions, removeFromRows(solution, directions));
  }
  return directions;
}

/** x - Q Q' x for each column x of a matrix. @param directions Q, with orthonormal columns */
export function removeFromRows(matrix: Matrix, directions: Matrix): Matrix {
  if (directions.columns === 0) return matrix.clone();
  return Matrix.sub(matrix, directions.mmul(directions.transpose().mmul(matrix)));
}

/** (I - Q Q') M (I - Q Q') for a symmetric M. */
export function removeFromBothSides(matrix: Matrix, directions: Matrix): Matrix {
  const half = removeFromRows(matrix, directions);
  const both = removeFromRows(half.transpose(), directions);
  // Symmetric to the last bit, as the decompositions expect.
  return both.add(both.transpose()).div(2);
}

function orthonormalColumns(a: Matrix, b: Matrix): Matrix {
  const joined = new Matrix(b.rows, a.columns + b.columns);
  if (a.columns > 0) joined.setSubMatrix(a, 0, 0);
  joined.setSubMatrix(b, 0, a.columns);
  return new QrDecomposition(joined).orthogonalMatrix as Matrix;
}
