import { PanelvecError } from '../../../errors.ts';
import type { HeadSpec } from '../../../model/head-spec.ts';
import { elementAt } from '../../../util/arrays.ts';
import { isFiniteVector } from '../../../util/vectors.ts';
import type { TrainingPage, TrainingSet } from '../../data/training-set.ts';
import { COLUMNS, type Column, visionColumn } from '../../training-columns.ts';
import type { FitPanel } from './feature-moments.ts';

/** Reads the panels of some pages, page by page, with the transforms of the head's features. @throws PanelvecError */
export async function* readFitPages(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  spec: HeadSpec,
): AsyncGenerator<readonly FitPanel[]> {
  for (const page of pages) {
    const columns = await trainingSet.read([page]);
    const pictures = spec.backbones.map(({ name, features }) => toRows(columns, visionColumn(name), features));
    const texts = toRows(columns, COLUMNS.text, spec.textFeatures);
    const present = toRows(columns, COLUMNS.present, 3);
    yield present.map(([, hasText], row) => ({
      pictures: [
        concatenate(pictures.map((rows) => transformPicture(requireFinite(elementAt(rows, row), page), spec))),
      ],
      text: hasText === 1 ? transformText(requireFinite(elementAt(texts, row), page), spec) : undefined,
    }));
  }
}

function toRows(columns: ReadonlyMap<string, Column>, name: string, width: number): Float32Array[] {
  const column = columns.get(name);
  if (column === undefined) throw new RangeError(`the training set has no column "${name}"`);
  const values = new Float32Array(column.bytes.buffer);
  return Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
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

export function transformText(features: Float32Array, { textTransform }: HeadSpec): Float64Array {
  if (textTransform !== 'unit_length') return Float64Array.from(features);
  const norm = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float64Array.from(features, (value) => value / norm);
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
