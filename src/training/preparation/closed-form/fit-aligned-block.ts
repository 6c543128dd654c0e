import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { elementAt } from '../../../util/arrays.ts';
import { principalComponents } from '../../../vector-analysis/symmetric-eigenvectors.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import type { FeatureMoments } from './feature-moments.ts';
import type { Block } from './fit-picture-block.ts';
import { removeFromColumns } from './layout-directions.ts';
import { addToDiagonal, crossScatter, scaleRows, scatter } from './matrices.ts';
import type { PictureStatistics, Standardization } from './picture-statistics.ts';

/** The directions of the texts, a little whitened. */
export interface TextBlock extends Block {
  readonly standardization: Standardization;
}

/**
 * Leading directions of the standardised texts, each divided by its variance to the power `text_whitening`: common themes count less.
 * @param parts equal parts of the features, such as layers of the encoder, each of which gets the variance 1
 * @param count the number of directions, or fewer where the texts have no more
 */
export function fitTextBlock(
  { texts }: Pick<FeatureMoments, 'texts'>,
  parts: number,
  count: number,
  options: Pick<ClosedFormOptions, 'text_whitening' | 'text_floor'>,
): TextBlock {
  const mean = texts.sum.map((value) => value / texts.count);
  const covariance = scatter(texts, mean).div(texts.count);
  const width = mean.length / parts;
  const variances = Array.from({ length: parts }, (_, part) =>
    covariance
      .diagonal()
      .slice(part * width, (part + 1) * width)
      .reduce((sum, value) => sum + value, 0),
  );
  const scale = mean.map((_, i) => {
    const variance = elementAt(variances, Math.floor(i / width));
    return variance > 0 ? 1 / Math.sqrt(variance) : 0;
  });
  const { vectors, values } = principalComponents(scaleRows(scaleRows(covariance, scale).transpose(), scale), count);
  const floor = options.text_floor * (values[0] ?? 0);
  const powers = values.map((value) => Math.max(value, floor) ** -options.text_whitening);
  return {
    rows: scaleRows(vectors, powers),
    variance: values.reduce((sum, value, i) => sum + value * elementAt(powers, i) ** 2, 0),
    standardization: { mean, scale },
  };
}

/** The ridge regression from standardised pictures to the directions of their texts, over all views. */
export function fitAlignedBlock(
  { withText, pairs, texts, views }: FeatureMoments,
  pictures: PictureStatistics,
  { rows: directions, standardization }: TextBlock,
  ridge: number,
): Block {
  const pairedTexts = { sum: texts.sum.map((value) => value * views) };
  const products = crossScatter(pairs.products(), withText, pairedTexts, pictures.mean, standardization.mean);
  const scaledDirections = directions.clone().mulRowVector([...standardization.scale]);
  const scaled = scaleRows(products, pictures.scale).mmul(scaledDirections.transpose()).div(withText.count);
  const targets = pictures.removed ? removeFromColumns(scaled, pictures.removed) : scaled;
  const penalized = addToDiagonal(pictures.withText.clone(), ridge);
  const solution = new CholeskyDecomposition(penalized).solve(targets);
  return {
    rows: solution.transpose(),
    variance: Matrix.mul(pictures.unchanged.mmul(solution), solution).sum(),
  };
}
