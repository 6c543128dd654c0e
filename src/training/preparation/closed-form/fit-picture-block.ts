import { Matrix } from 'ml-matrix';
import { principalComponents, symmetricEigenvectors } from '../../../vector-analysis/symmetric-eigenvectors.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import { addToDiagonal, scaleRows } from './matrices.ts';
import type { PictureStatistics } from './picture-statistics.ts';

/** Smaller differences, as a fraction of the variance of the pictures, are none. */
const MIN_NOISE = 1e-9;

/** A linear map of standardised features, as rows, and the mean squared length of what it gives for unchanged pictures. */
export interface Block {
  /** (numbers, features) */
  readonly rows: Matrix;
  readonly variance: number;
}

/**
 * Principal components of the pictures, after directions have been shortened in which views of one panel, and panels of one
 * page, differ: what is left tells panels apart, not their framing.
 * @param count the number of components, or fewer where the pictures have no more
 */
export function fitPictureBlock(
  { unchanged, withinPanels, withinPages }: Pick<PictureStatistics, 'unchanged' | 'withinPanels' | 'withinPages'>,
  count: number,
  { page_weight: pageWeight, shrinkage }: Pick<ClosedFormOptions, 'page_weight' | 'shrinkage'>,
): Block {
  const features = unchanged.rows;
  const noise = Matrix.add(withinPanels, Matrix.mul(withinPages, pageWeight));
  const trace = noise.trace();
  // Where the panels of all pages are equal, the differences are rounding errors, which would be blown up.
  noise.mul(trace > MIN_NOISE * unchanged.trace() ? features / trace : 0);
  const { vectors, values } = symmetricEigenvectors(addToDiagonal(noise, shrinkage));
  const shortening = scaleRows(
    vectors,
    values.map((value) => 1 / Math.sqrt(value)),
  );
  const shortened = shortening.mmul(unchanged).mmul(shortening.transpose());
  const components = principalComponents(shortened, count);
  return {
    rows: components.vectors.mmul(shortening),
    variance: components.values.reduce((sum, value) => sum + value, 0),
  };
}
