import { Matrix } from 'ml-matrix';
import { elementAt } from '../../../util/arrays.ts';
import type { FeatureMoments } from './feature-moments.ts';
import { type LayoutOptions, layoutDirections, removeFromBothSides } from './layout-directions.ts';
import { scaleBothSides, scatter } from './matrices.ts';

/** Added to each deviation, so that features that hardly change are not blown up. */
const MIN_DEVIATION = 1e-6;
/** A feature whose variance is below this fraction of its squared mean is constant, but for rounding. */
const MIN_RELATIVE_VARIANCE = 1e-12;

/** How features are standardised: z = (x - origin - mean) * scale */
export interface Standardization {
  /** About the origin of the moments */
  readonly mean: Float64Array;
  /** 0 for a constant feature: what it is in other pictures says nothing */
  readonly scale: Float64Array;
}

/** Statistics of the standardised pictures z: matrices (features, features). */
export interface PictureStatistics extends Standardization {
  /** Mean of z z' over the unchanged pictures */
  readonly unchanged: Matrix;
  /** Covariance of the views of a panel around their mean */
  readonly withinPanels: Matrix;
  /** Covariance of the panels of a page around their mean */
  readonly withinPages: Matrix;
  /** Mean of z z' over all views of panels with text */
  readonly withText: Matrix;
  /** Directions that are removed from z in all of these: (features, directions), orthonormal */
  readonly removed: Matrix | undefined;
}

export function pictureStatistics(moments: FeatureMoments, options: LayoutOptions): PictureStatistics {
  const { withText, withoutText, unchanged, panelMeans, pageMeans, views, origin } = moments;
  const count = withText.count + withoutText.count;
  const mean = withText.sum.map((value, i) => (value + elementAt(withoutText.sum, i)) / count);
  const total = scatter(withText, mean).add(scatter(withoutText, mean)).div(count);
  const scale = mean.map((value, i) => {
    const variance = total.get(i, i);
    const isConstant = variance <= MIN_RELATIVE_VARIANCE * (value + elementAt(origin.picture, i)) ** 2;
    return isConstant ? 0 : 1 / (Math.sqrt(variance) + MIN_DEVIATION);
  });
  const ofPanels = new Matrix(panelMeans.products());
  const ofPages = new Matrix(pageMeans.products());
  // Without views, what is left of the difference would be rounding errors.
  const zero = new Float64Array(mean.length);
  const withinPanels =
    views === 1
      ? Matrix.zeros(mean.length, mean.length)
      : scatter(withText, zero).add(scatter(withoutText, zero)).sub(ofPanels.clone().mul(views)).div(count);
  const removed = layoutDirections(moments, { mean, scale }, scaleBothSides(total, scale), options);
  const statistics = (matrix: Matrix) => {
    const standardized = scaleBothSides(matrix, scale);
    return removed ? removeFromBothSides(standardized, removed) : standardized;
  };
  return {
    mean,
    scale,
    unchanged: statistics(scatter(unchanged, mean).div(unchanged.count)),
    withinPanels: statistics(withinPanels),
    withinPages: statistics(ofPanels.sub(ofPages).div(unchanged.count)),
    withText: statistics(scatter(withText, mean).div(Math.max(1, withText.count))),
    removed,
  };
}
