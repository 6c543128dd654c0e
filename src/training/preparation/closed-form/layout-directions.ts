import { CholeskyDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { PanelvecError } from '../../../errors.ts';
import { elementAt } from '../../../util/arrays.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import type { FeatureMoments } from './feature-moments.ts';
import { addToDiagonal, crossScatter, scaleRows } from './matrices.ts';
import type { Standardization } from './picture-statistics.ts';

export type LayoutOptions = Pick<ClosedFormOptions, 'layout_passes' | 'layout_ridge'>;

/** Layouts whose variance is below it are all the same. */
const MIN_VARIANCE = 1e-9;
/** Less than this fraction of what was there is rounding errors. */
const MIN_LEFT = 1e-6;

/**
 * Directions of standardised pictures that tell the layout of their panels: those of ridge regressions from pictures to layouts,
 * each pass on what the passes before have left. Pictures are squashed to squares, so that the encoders see the aspect ratio
 * everywhere; vectors without it find what is drawn, not panels of the same shape.
 * @param total the covariance of the standardised pictures
 * @returns (features, directions), orthonormal; undefined if there is nothing to remove
 * @throws PanelvecError dataset_invalid where nothing would be left of the pictures
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
    const left = removeFromColumns(targets, directions);
    const told = [...varying.keys()].filter((column) => norm(left, column) > MIN_LEFT * norm(targets, column));
    if (told.length === 0) break;
    const solution = new CholeskyDecomposition(penalized).solve(left.subMatrixColumn(told));
    directions = orthonormalColumns(directions, independentColumns(removeFromColumns(solution, directions)));
  }
  const variance = total.trace();
  if (variance === 0 || removeFromBothSides(total, directions).trace() > MIN_LEFT * variance) return directions;
  const message = `${passes} passes take out all that tells these pictures apart: choose fewer`;
  throw new PanelvecError('dataset_invalid', message, { param: 'training.closed_form.layout_passes' });
}

function norm(matrix: Matrix, column: number): number {
  return Math.hypot(...matrix.getColumn(column));
}

/** The columns that are no combination of those before them. An orthonormal basis has arbitrary directions for the others. */
function independentColumns(matrix: Matrix): Matrix {
  const kept: number[] = [];
  let basis = new Matrix(matrix.rows, 0);
  for (let i = 0; i < matrix.columns; i++) {
    const column = matrix.subMatrixColumn([i]);
    if (norm(removeFromColumns(column, basis), 0) <= MIN_LEFT * norm(column, 0)) continue;
    kept.push(i);
    basis = orthonormalColumns(basis, column);
  }
  return matrix.subMatrixColumn(kept);
}

/** x - Q Q' x for each column x of a matrix. @param directions Q, with orthonormal columns */
export function removeFromColumns(matrix: Matrix, directions: Matrix): Matrix {
  if (directions.columns === 0) return matrix.clone();
  return Matrix.sub(matrix, directions.mmul(directions.transpose().mmul(matrix)));
}

/** (I - Q Q') M (I - Q Q') for a symmetric M. */
export function removeFromBothSides(matrix: Matrix, directions: Matrix): Matrix {
  const half = removeFromColumns(matrix, directions);
  const both = removeFromColumns(half.transpose(), directions);
  // Symmetric to the last bit, as the decompositions expect.
  return both.add(both.transpose()).div(2);
}

function orthonormalColumns(a: Matrix, b: Matrix): Matrix {
  const joined = new Matrix(b.rows, a.columns + b.columns);
  if (a.columns > 0) joined.setSubMatrix(a, 0, 0);
  joined.setSubMatrix(b, 0, a.columns);
  return new QrDecomposition(joined).orthogonalMatrix as Matrix;
}
