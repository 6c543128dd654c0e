import { PanelvecError } from '../../errors.ts';
import { describeEngine, type EngineId, type EngineItem } from '../../inference/engine-types.ts';
import type { ModelPools } from '../../inference/model-pools.ts';
import { cosineSimilarity, isFiniteVector } from '../../util/vectors.ts';
import type { ServedModel } from '../served-model.ts';
import { drawPicture } from './draw-picture.ts';
import { decodeVector, type GoldenInput, type GoldenPanel } from './golden-panels.ts';

/** Minimum cosine to a golden vector. A lower one means that an engine computes another model. */
export const MIN_GOLDEN_COSINE = 0.999;

/** The fused vectors of golden inputs, as one engine computes them. */
export interface GoldenVectors extends EngineId {
  readonly vectors: readonly Float32Array[];
}

/** How near one engine comes to the golden vectors. */
export interface GoldenResult extends EngineId {
  /** -1 where the numbers are not finite */
  readonly cosine: number;
  /** What is wrong, as a sentence without its subject; null where the engine computes the model */
  readonly problem: string | null;
}

/** Has every engine of a model compute golden inputs. @throws PanelvecError as ModelPools.runOnEach */
export async function computeGolden(
  pool: Pick<ModelPools, 'runOnEach'>,
  served: ServedModel,
  inputs: readonly GoldenInput[],
): Promise<GoldenVectors[]> {
  const items = inputs.map((input) => toItem(served, input));
  const engines = await pool.runOnEach(served.model.id, items);
  return engines.map(({ results, ...engine }) => ({
    ...engine,
    vectors: results.map(({ vectors: { fused } }) => {
      if (fused) return fused;
      throw new PanelvecError('inference_failed', `${served.model.id} gives a golden panel no fused vector`);
    }),
  }));
}

/** The smallest cosine of vectors to the expected ones; -1 where one of them has no cosine. */
export function smallestCosine(vectors: readonly Float32Array[], expected: readonly Float32Array[]): number {
  const cosines = expected.map((vector, i) => {
    const actual = vectors[i];
    // A cosine of vectors of two lengths would be one of what they share.
    return actual?.length === vector.length ? cosineSimilarity(actual, vector) : -1;
  });
  const smallest = Math.min(...cosines);
  // Zeros and infinities have no direction.
  return Number.isNaN(smallest) ? -1 : smallest;
}

/** Has every engine of a model compute golden panels, at least one, and compares. @throws PanelvecError as ModelPools.runOnEach */
export async function measureGolden(
  pool: Pick<ModelPools, 'runOnEach'>,
  served: ServedModel,
  panels: readonly GoldenPanel[],
): Promise<GoldenResult[]> {
  const expected = panels.map(({ fused }) => decodeVector(fused));
  const engines = await computeGolden(pool, served, panels);
  return engines.map(({ vectors, ...engine }) => ({ ...engine, ...compare(vectors, expected) }));
}

/** The smallest cosine of all engines. @throws PanelvecError golden_mismatch naming the model and the engine; as runOnEach */
export async function assertGolden(
  pool: Pick<ModelPools, 'runOnEach'>,
  served: ServedModel,
  panels: readonly GoldenPanel[],
): Promise<number> {
  const results = await measureGolden(pool, served, panels);
  for (const { problem, ...engine } of results) {
    if (problem === null) continue;
    throw new PanelvecError('golden_mismatch', `model ${served.model.id}, ${describeEngine(engine)}: ${problem}`);
  }
  return Math.min(...results.map(({ cosine }) => cosine));
}

function compare(
  vectors: readonly Float32Array[],
  expected: readonly Float32Array[],
): Omit<GoldenResult, keyof EngineId> {
  if (!vectors.every(isFiniteVector)) {
    return { cosine: -1, problem: 'its golden panels get numbers that are not finite' };
  }
  const cosine = smallestCosine(vectors, expected);
  if (cosine >= MIN_GOLDEN_COSINE) return { cosine, problem: null };
  return { cosine, problem: `the cosine to a golden vector is ${cosine.toFixed(6)}, less than ${MIN_GOLDEN_COSINE}` };
}

function toItem({ model, tokenizer }: ServedModel, { pattern, text, composition }: GoldenInput): EngineItem {
  return {
    pixels: pattern === null ? null : drawPicture(pattern, model.spec.vision),
    tokens: text === null ? null : (tokenizer?.encode(text).tokens ?? null),
    composition: composition && Float32Array.from(composition),
    outputs: ['fused'],
  };
}
