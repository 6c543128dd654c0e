import path from 'node:path';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { TrainingSet } from '../../training/data/training-set.ts';
import { COLUMNS, readFloats, visionColumn } from '../../training/training-columns.ts';
import { toUnitLength } from '../../util/vectors.ts';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { float32Tensor, float32View, type Tensor } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import type { FusedVectors, ViewFeatures } from '../vectors/fusion.ts';
import type { BaselinePlan } from './baseline.ts';

const FILE = 'raw.safetensors';

/** Features that are of one modality, by the column that training sets have them in. */
interface Block {
  readonly column: string;
  readonly modality: number;
  readonly width: number;
}

/** The blocks of a raw vector: each backbone, text, composition. */
function blocksOf({ vision, text }: ModelDefinition): Block[] {
  const modality = (name: (typeof MODALITIES)[number]) => MODALITIES.indexOf(name);
  return [
    ...vision.backbones.map(({ name, features: width }) => ({
      column: visionColumn(name),
      modality: modality('vision'),
      width,
    })),
    { column: COLUMNS.text, modality: modality('text'), width: text.features },
    { column: COLUMNS.composition, modality: modality('composition'), width: COMPOSITION_FEATURES },
  ];
}

/** Measures mean and deviation of each feature over the panels that have it, and writes them. @returns the file */
export async function fitRawFeatures({ folder, partFiles, model }: BaselinePlan): Promise<string> {
  const blocks = blocksOf(model);
  const sums = blocks.map(({ width }) => ({
    count: 0,
    values: new Float64Array(width),
    squares: new Float64Array(width),
  }));
  await using set = await TrainingSet.open(partFiles);
  for (const page of set.pages.filter(({ rows }) => rows > 0)) {
    const columns = await set.read([page]);
    const present = readFloats(columns, COLUMNS.present);
    for (const [b, { column, modality, width }] of blocks.entries()) {
      const [features, sum] = [readFloats(columns, column), sums[b]];
      if (sum === undefined) continue;
      for (let row = 0; row < page.rows; row++) {
        if (present[row * MODALITIES.length + modality] !== 1) continue;
        sum.count++;
        for (let i = 0; i < width; i++) {
          const value = features[row * width + i] ?? 0;
          sum.values[i] = (sum.values[i] ?? 0) + value;
          sum.squares[i] = (sum.squares[i] ?? 0) + value * value;
        }
      }
    }
  }
  const tensors = new Map<string, Tensor>();
  for (const [b, { column, width }] of blocks.entries()) {
    const { count = 0, values, squares } = sums[b] ?? {};
    const mean = Float32Array.from(values ?? [], (sum) => sum / Math.max(1, count));
    const deviation = Float32Array.from(squares ?? [], (sum, i) =>
      Math.sqrt(Math.max(0, sum / Math.max(1, count) - (mean[i] ?? 0) ** 2)),
    );
    tensors.set(`${column}/mean`, float32Tensor([width], mean));
    tensors.set(`${column}/deviation`, float32Tensor([width], deviation));
  }
  const file = path.join(folder, FILE);
  await writeSafetensors(file, tensors);
  return file;
}

/** Fitted raw features. */
export class RawFeatures {
  readonly dimensions: number;
  readonly #blocks: readonly (Block & { readonly mean: Float32Array; readonly deviation: Float32Array })[];

  private constructor(blocks: readonly Block[], floats: (name: string) => Float32Array) {
    this.dimensions = blocks.reduce((sum, { width }) => sum + width, 0);
    this.#blocks = blocks.map((block) => ({
      ...block,
      mean: floats(`${block.column}/mean`),
      deviation: floats(`${block.column}/deviation`),
    }));
  }

  /** @throws WeightsError where the file is damaged */
  static async read(model: ModelDefinition, file: string): Promise<RawFeatures> {
    const { tensors } = await readSafetensors(file);
    return new RawFeatures(blocksOf(model), (name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new WeightsError(`${file} lacks "${name}"`);
      return float32View(tensor);
    });
  }

  /** The standardised features of each modality, of unit length, one after the other; zeros for an absent modality. */
  vectors(features: ViewFeatures): FusedVectors {
    const { dimensions } = this;
    const vectors = new Float32Array(features.rows * dimensions);
    let offset = 0;
    for (const { column, modality, width, mean, deviation } of this.#blocks) {
      const rows = rowsOf(features, column);
      for (let row = 0; row < features.rows; row++) {
        if (features.present[row * MODALITIES.length + modality] !== 1) continue;
        const standardized = standardize(rows.subarray(row * width, (row + 1) * width), mean, deviation);
        vectors.set(standardized, row * dimensions + offset);
      }
      offset += width;
    }
    return { dimensions, vectors, gate: null };
  }
}

function rowsOf({ vision, text, composition }: ViewFeatures, column: string): Float32Array {
  if (column === COLUMNS.text) return text;
  if (column === COLUMNS.composition) return composition;
  const backbone = Object.keys(vision).find((name) => visionColumn(name) === column);
  const rows = backbone === undefined ? undefined : vision[backbone];
  if (rows === undefined) throw new RangeError(`the view has no features for "${column}"`);
  return rows;
}

/** A feature that never changed says nothing, and stays zero. */
function standardize(row: Float32Array, mean: Float32Array, deviation: Float32Array): Float32Array {
  const scaled = row.map((value, i) => {
    const spread = deviation[i] ?? 0;
    return spread > 0 ? (value - (mean[i] ?? 0)) / spread : 0;
  });
  return toUnitLength(scaled);
}
