import type { TrainingSet } from '../../training/data/training-set.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import { toUnitLength } from '../../util/vectors.ts';
import { float32View } from '../../weights/tensor.ts';
import type { ViewVectors } from '../measures/measured-panels.ts';
import { pictureColumn } from './view-columns.ts';

const PAGES_PER_READ = 64;
const PREFIX = pictureColumn('picture', '');

/** The features of all pictures as they are: those of each backbone of unit length, beside each other, and of unit length again. */
export async function readRawPictures(set: TrainingSet, panels: number): Promise<ViewVectors> {
  const rows: Float32Array[] = [];
  const pages = set.pages.filter(({ rows: count }) => count > 0);
  for (let start = 0; start < pages.length; start += PAGES_PER_READ) {
    const some = pages.slice(start, start + PAGES_PER_READ);
    const columns = [...(await set.read(some))].filter(([name]) => name.startsWith(PREFIX));
    const backbones = columns.map(([, { shape, bytes }]) => ({ width: shape[0] ?? 0, values: float32View({ bytes }) }));
    const count = some.reduce((sum, page) => sum + page.rows, 0);
    for (let row = 0; row < count; row++) {
      const parts = backbones.map(({ width, values }) => toUnitLength(values.slice(row * width, (row + 1) * width)));
      rows.push(toUnitLength(concatenateFloats(parts)));
    }
  }
  const values = concatenateFloats(rows);
  return {
    dimensions: rows[0]?.length ?? 0,
    values,
    isPresent: Array.from({ length: panels }, (_, row) => row < rows.length),
  };
}
