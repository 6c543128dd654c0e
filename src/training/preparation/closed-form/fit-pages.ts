import { PanelvecError } from '../../../errors.ts';
import type { HeadSpec } from '../../../model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../../model/modality.ts';
import { isFiniteVector } from '../../../util/vectors.ts';
import { float32View } from '../../../weights/tensor.ts';
import type { TrainingPage, TrainingSet } from '../../data/training-set.ts';
import { COLUMNS, type Column, viewsColumn, visionColumn } from '../../training-columns.ts';
import type { FitPanel } from './feature-moments.ts';

/**
 * Reads the panels of some pages, page by page, with the transforms of the head's features.
 * @throws PanelvecError dataset_invalid where a feature is not finite
 */
export async function* readFitPages(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  spec: HeadSpec,
): AsyncGenerator<readonly FitPanel[]> {
  const pictureNames = spec.backbones.flatMap(({ name }) => [visionColumn(name), viewsColumn(name)]);
  const names = [
    ...pictureNames,
    COLUMNS.text,
    COLUMNS.separateTexts,
    COLUMNS.textKinds,
    COLUMNS.composition,
    COLUMNS.present,
  ];
  for (const page of pages) {
    // Pages of one training have the same columns, but for those that the dataset marks for validation, which have no views.
    const available = trainingSet.columnsOf(page);
    const columns = await trainingSet.read(
      [page],
      names.filter((name) => available.includes(name)),
    );
    const elements = (name: string, width: number) => splitRows(columns.get(name), page.rows, width);
    const backbones = spec.backbones.map(({ name, features }) => ({
      unchanged: elements(visionColumn(name), features),
      views: elements(viewsColumn(name), features),
    }));
    const texts = elements(COLUMNS.text, spec.textFeatures);
    const separateTexts = elements(COLUMNS.separateTexts, spec.textFeatures);
    const kinds = elements(COLUMNS.textKinds, 2);
    const compositions = elements(COLUMNS.composition, COMPOSITION_FEATURES);
    const present = elements(COLUMNS.present, MODALITIES.length);
    yield Array.from({ length: page.rows }, (_, row) => {
      const pictures = backbones.map(({ unchanged, views }) =>
        [...(unchanged[row] ?? []), ...(views[row] ?? [])].map((features) =>
          transformPicture(requireFinite(features, page), spec),
        ),
      );
      const hasDescription = kinds[row]?.[0]?.[0] === 1;
      const text = hasDescription ? separateTexts[row]?.[0] : texts[row]?.[0];
      const hasText = present[row]?.[0]?.[TEXT_INDEX] === 1;
      const composition = present[row]?.[0]?.[COMPOSITION_INDEX] === 1 ? compositions[row]?.[0] : undefined;
      return {
        pictures: joinBackbones(pictures),
        text: hasText && text ? transformText(requireFinite(text, page), spec) : undefined,
        layout: composition && toLayout(composition),
      };
    });
  }
}

const TEXT_INDEX = MODALITIES.indexOf('text');
const COMPOSITION_INDEX = MODALITIES.indexOf('composition');
/** So that the layout of a panel without height or area is finite. */
const MIN_RATIO = 1e-6;

/** The layout of a panel with the given composition features. */
export function toLayout([aspect = 0, area = 0]: Float32Array): Float64Array {
  return Float64Array.of(Math.log(Math.max(aspect, MIN_RATIO)), Math.sqrt(Math.max(area, 0)));
}

/** The elements of each row of a column; none where there is no such column. */
function splitRows(column: Column | undefined, rows: number, width: number): Float32Array[][] {
  if (column === undefined) return [];
  const values = float32View(column);
  const count = values.length / rows / width;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: count }, (__, i) => values.subarray((row * count + i) * width, (row * count + i + 1) * width)),
  );
}

/** For each picture, the features of all backbones one after the other. */
function joinBackbones([first = [], ...others]: readonly (readonly Float64Array[])[]): Float64Array[] {
  return first.map((features, i) =>
    Float64Array.of(...features, ...others.flatMap((pictures) => [...(pictures[i] ?? [])])),
  );
}

function requireFinite(features: Float32Array, { id }: TrainingPage): Float32Array {
  if (isFiniteVector(features)) return features;
  const message = `the features of a panel of the page "${id}" are not finite: a closed-form start cannot be fitted`;
  throw new PanelvecError('dataset_invalid', message, { param: 'training.initial_head' });
}

export function transformPicture(features: Float32Array, { visionTransform }: HeadSpec): Float64Array {
  const isRoot = visionTransform === 'signed_sqrt';
  return Float64Array.from(features, (value) => (isRoot ? Math.sign(value) * Math.sqrt(Math.abs(value)) : value));
}

function transformText(features: Float32Array, { textTransform }: HeadSpec): Float64Array {
  if (textTransform !== 'unit_length') return Float64Array.from(features);
  const norm = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float64Array.from(features, (value) => value / norm);
}
