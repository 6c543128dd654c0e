import { Matrix } from 'ml-matrix';
import type { AffineMap, AffineMaps } from '../../../architectures/head/affine-head.ts';
import { PanelvecError } from '../../../errors.ts';
import { elementAt } from '../../../util/arrays.ts';
import type { ClosedFormOptions } from '../../training-spec.ts';
import type { FeatureMoments } from './feature-moments.ts';
import { fitAlignedBlock, fitTextBlock } from './fit-aligned-block.ts';
import { fitPictureBlock } from './fit-picture-block.ts';
import { removeFromColumns } from './layout-directions.ts';
import { interleaveRows } from './matrices.ts';
import { pictureStatistics, type Standardization } from './picture-statistics.ts';

/** With fewer texts, their covariance says nothing. */
const MIN_TEXTS = 8;

/** Numbers of each block of a vector. */
export interface BlockSizes {
  readonly picture: number;
  readonly aligned: number;
}

export interface FittedMaps {
  readonly maps: AffineMaps;
  /** What the panels have of the numbers that were asked for */
  readonly sizes: BlockSizes;
}

/**
 * Fits the maps of a head: the picture to components of itself beside a prediction of its text, the text to the latter.
 * @param features of each backbone, and the equal parts of those of the text
 * @throws PanelvecError dataset_invalid where the panels are too few, or all alike
 */
export function fitMaps(
  moments: FeatureMoments,
  features: { readonly widths: readonly number[]; readonly textParts: number },
  sizes: BlockSizes,
  options: ClosedFormOptions,
): FittedMaps {
  const { texts, origin } = moments;
  if (texts.count < MIN_TEXTS) refuse(`${texts.count} panels to train on have text, and it needs ${MIN_TEXTS}`);
  const pictures = pictureStatistics(moments, options);
  if (pictures.scale.every((value) => value === 0)) refuse('the features of all pictures to train on are the same');
  const text = fitTextBlock(moments, features.textParts, sizes.aligned, options);
  if (text.rows.rows === 0) refuse('the features of all texts to train on are the same');
  const picture = fitPictureBlock(pictures, sizes.picture, options);
  const aligned = fitAlignedBlock(moments, pictures, text, options.ridge);

  const k = picture.rows.rows + aligned.rows.rows;
  const { picture_scale: pictureScale } = options;
  // Cosines depend on the ratio of the two blocks alone: this makes all numbers together of the size of 1.
  const size = Math.sqrt(k / (pictureScale ** 2 + 1));
  const pictureRows = picture.rows.mul((pictureScale * size) / Math.sqrt(picture.variance));
  const alignedRows = aligned.rows.mul(aligned.variance > 0 ? size / Math.sqrt(aligned.variance) : 0);
  const textRows = text.rows.mul(Math.sqrt(k / text.variance));
  // By turns, so that the first numbers of a vector, which are kept where it is cut, are the leading ones of both blocks.
  const visionRows = interleaveRows(pictureRows, alignedRows);
  const { removed } = pictures;
  // Rows that are orthogonal to the removed directions do not see them in any picture.
  const blindRows = removed ? removeFromColumns(visionRows.transpose(), removed).transpose() : visionRows;
  const visionMap = affineMap(blindRows, pictures, origin.picture);
  const wordRows = interleaveRows(Matrix.zeros(pictureRows.rows, textRows.columns), textRows);
  return {
    maps: {
      vision: splitColumns(visionMap, features.widths),
      text: affineMap(wordRows, text.standardization, origin.text),
      gate: options.gate,
    },
    sizes: { picture: pictureRows.rows, aligned: alignedRows.rows },
  };
}

function refuse(reason: string): never {
  throw new PanelvecError('dataset_invalid', `a closed-form start cannot be fitted: ${reason}`, {
    param: 'training.initial_head',
  });
}

/** The map of features x that has the given rows for (x - origin - mean) * scale. */
function affineMap(rows: Matrix, { mean, scale }: Standardization, origin: Float64Array): AffineMap {
  const matrix = rows.mulRowVector([...scale]);
  const centre = Matrix.columnVector(mean.map((value, i) => value + elementAt(origin, i)));
  return { matrix, bias: matrix.mmul(centre).mul(-1) };
}

/** The map of each backbone's features, whose sum is the map of all. The first has the bias. */
function splitColumns({ matrix, bias }: AffineMap, widths: readonly number[]): AffineMap[] {
  let start = 0;
  return widths.map((width, i) => {
    const part = matrix.subMatrix(0, matrix.rows - 1, start, start + width - 1);
    start += width;
    return { matrix: part, bias: i === 0 ? bias : Matrix.zeros(bias.rows, 1) };
  });
}
