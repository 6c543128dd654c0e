import { MODALITIES } from '../model/modality.ts';
import { concatenateFloats, elementAt } from '../util/arrays.ts';
import { VIEWS, type View } from './evaluation-result.ts';
import type { ViewVectors } from './measures/measured-panels.ts';
import { type FiledVectors, readVectors } from './vectors/vectors-file.ts';

/** A file of vectors, and the rows of its panels among all panels. */
export interface VectorsOfRows {
  readonly file: string;
  readonly rows: readonly number[];
}

/** All vectors of a contender, in the rows of all panels. */
export interface AssembledVectors {
  readonly dimensions: number;
  readonly views: Readonly<Record<View, ViewVectors>>;
  /** The gate weights (n, 3) of all views, and the modalities (n, 3) that each of them shows; null without a gate */
  readonly gate: { readonly present: Float32Array; readonly weights: Float32Array } | null;
}

/** Views whose gate weights are looked at: the changed pictures show the same modalities as the unchanged one. */
const GATE_VIEWS: readonly View[] = VIEWS.filter(
  (view) => view !== 'snapshot' && view !== 'flipped' && view !== 'grey',
);

/** Reads the files of a contender: one, or one for each fold. */
export async function assembleVectors(files: readonly VectorsOfRows[], panels: number): Promise<AssembledVectors> {
  const filed: { rows: readonly number[]; vectors: FiledVectors }[] = [];
  for (const { file, rows } of files) filed.push({ rows, vectors: await readVectors(file) });
  const dimensions = Math.max(0, ...filed.map(({ vectors }) => vectors.stored.dimensions));
  const views = VIEWS.map((view): [View, ViewVectors] => {
    const values = new Float32Array(panels * dimensions);
    const isPresent = new Array<boolean>(panels).fill(false);
    for (const { rows, vectors } of filed) {
      const { values: fileValues, hasView } = vectors[view];
      for (const [i, row] of rows.entries()) {
        values.set(fileValues.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions);
        isPresent[row] = elementAt(hasView, i);
      }
    }
    return [view, { dimensions, values, isPresent }];
  });
  const gates = filed.flatMap(({ vectors }) =>
    GATE_VIEWS.flatMap((view) => {
      const { gate, present, hasView } = vectors[view];
      const isKept = (_: number, i: number) => hasView[Math.floor(i / MODALITIES.length)] === true;
      return gate === null ? [] : [{ present: present.filter(isKept), weights: gate.filter(isKept) }];
    }),
  );
  return {
    dimensions,
    views: Object.fromEntries(views) as Record<View, ViewVectors>,
    gate:
      gates.length === 0
        ? null
        : {
            present: concatenateFloats(gates.map(({ present }) => present)),
            weights: concatenateFloats(gates.map(({ weights }) => weights)),
          },
  };
}
