import { PanelvecError } from '../../errors.ts';
import type { TrainingPage, TrainingSet } from '../../training/data/training-set.ts';
import { concatenateFloats } from '../../util/arrays.ts';
import { isFiniteVector, toUnitRows } from '../../util/vectors.ts';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { float32Tensor, float32View, type Tensor } from '../../weights/tensor.ts';
import { VIEWS, type View } from '../evaluation-result.ts';
import type { Fusion } from './fusion.ts';
import { readViewFeatures } from './view-features.ts';

/** Pages whose features are in memory at a time. */
const PAGES_PER_READ = 64;

/** The vectors of the panels of some pages in one view. */
export interface FiledView {
  readonly dimensions: number;
  /** Row-major (panels, dimensions), each of unit length */
  readonly values: Float32Array;
  readonly hasView: readonly boolean[];
  /** (panels, 3) */
  readonly present: Float32Array;
  /** Gate weights (panels, 3), if there is a gate */
  readonly gate: Float32Array | null;
}

export type FiledVectors = Readonly<Record<View, FiledView>>;

/**
 * Fuses all views of the panels of some pages, and writes the vectors to a file, completely or not at all.
 * @throws PanelvecError vector_not_finite naming the pages
 */
export async function writeVectors(
  file: string,
  set: TrainingSet,
  pages: readonly TrainingPage[],
  fusion: Fusion,
): Promise<void> {
  const parts = new Map<string, Float32Array[]>();
  const add = (name: string, data: Float32Array) => {
    const list = parts.get(name) ?? [];
    parts.set(name, list);
    list.push(data);
  };
  let width = 0;
  for (let start = 0; start < pages.length; start += PAGES_PER_READ) {
    const some = pages.slice(start, start + PAGES_PER_READ).filter(({ rows }) => rows > 0);
    if (some.length === 0) continue;
    for (const [view, features] of await readViewFeatures(set, some)) {
      const { dimensions, vectors, gate } = await fusion.fuse(features);
      width = dimensions;
      assertFinite(vectors, dimensions, features.hasView, `of the view ${view} of the pages from "${some[0]?.id}" on`);
      add(view, toUnitRows(vectors, dimensions));
      if (gate !== null) add(`${view}/gate`, gate);
      add(`${view}/has_view`, Float32Array.from(features.hasView, Number));
      add(`${view}/present`, features.present);
    }
  }
  const panels = pages.reduce((sum, { rows }) => sum + rows, 0);
  const tensors = new Map<string, Tensor>();
  for (const [name, list] of parts) {
    const data = concatenateFloats(list);
    tensors.set(name, float32Tensor([panels, data.length / panels], data));
  }
  await writeSafetensors(file, tensors, { dimensions: String(width) });
}

/** Numbers that are none would be left out of some measures in silence, and make others none. */
function assertFinite(vectors: Float32Array, dimensions: number, hasView: readonly boolean[], which: string): void {
  const isRowFinite = (row: number) => isFiniteVector(vectors.subarray(row * dimensions, (row + 1) * dimensions));
  if (hasView.every((isPresent, row) => !isPresent || isRowFinite(row))) return;
  throw new PanelvecError('vector_not_finite', `a vector ${which} is not finite`);
}

/** @throws WeightsError where the file is damaged */
export async function readVectors(file: string): Promise<FiledVectors> {
  const { tensors, metadata } = await readSafetensors(file);
  const floats = (name: string) => {
    const tensor = tensors.get(name);
    return tensor === undefined ? null : float32View(tensor);
  };
  const none = new Float32Array();
  const entries = VIEWS.map((view): [View, FiledView] => [
    view,
    {
      dimensions: Number(metadata['dimensions']),
      values: floats(view) ?? none,
      hasView: Array.from(floats(`${view}/has_view`) ?? none, (value) => value === 1),
      present: floats(`${view}/present`) ?? none,
      gate: floats(`${view}/gate`),
    },
  ]);
  return Object.fromEntries(entries) as Record<View, FiledView>;
}
