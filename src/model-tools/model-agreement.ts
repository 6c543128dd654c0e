import { PanelvecError } from '../errors.ts';
import type { EngineItem, Output } from '../inference/engine-types.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
import { elementAt, mean } from '../util/arrays.ts';
import { cosineSimilarity } from '../util/vectors.ts';

/** Limits the panels in the engines' queue: one that waits too long would fail. */
const MAX_PANELS_IN_FLIGHT = 8;

/** Cosines between the vectors of two models. */
export interface ModelAgreement {
  readonly output: Output;
  readonly meanCosine: number;
  readonly minCosine: number;
  readonly count: number;
}

export type EngineInput = Omit<EngineItem, 'outputs'>;

/** Compares the vectors of two models for the same panels, at least one. @throws PanelvecError if a model has no vector */
export async function measureAgreement(
  pool: ModelPools,
  models: readonly [Model, Model],
  panels: readonly EngineInput[],
  output: Output,
): Promise<ModelAgreement> {
  const [first, second] = [
    await computeVectors(pool, models[0], panels, output),
    await computeVectors(pool, models[1], panels, output),
  ];
  const cosines = first.map((vector, i) => cosineSimilarity(vector, elementAt(second, i)));
  return { output, meanCosine: mean(cosines), minCosine: Math.min(...cosines), count: cosines.length };
}

/** The vectors of panels, in their order. @throws PanelvecError if there is none of one */
export async function computeVectors(
  pool: ModelPools,
  model: Model,
  panels: readonly EngineInput[],
  output: Output,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let start = 0; start < panels.length; start += MAX_PANELS_IN_FLIGHT) {
    const batch = panels.slice(start, start + MAX_PANELS_IN_FLIGHT);
    vectors.push(...(await Promise.all(batch.map((panel) => computeVector(pool, model, panel, output)))));
  }
  return vectors;
}

async function computeVector(
  pool: ModelPools,
  { id }: Model,
  panel: EngineInput,
  output: Output,
): Promise<Float32Array> {
  const { vectors } = await pool.run(id, { ...panel, outputs: [output] });
  const vector = vectors[output];
  if (!vector) throw new PanelvecError('inference_failed', `${id} gives a panel no ${output} vector`);
  return vector;
}
