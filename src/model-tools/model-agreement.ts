import { PanelvecError } from '../errors.ts';
import type { EngineItem, Output } from '../inference/engine-types.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
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
  const cosines: number[] = [];
  for (let start = 0; start < panels.length; start += MAX_PANELS_IN_FLIGHT) {
    const batch = panels.slice(start, start + MAX_PANELS_IN_FLIGHT);
    cosines.push(...(await Promise.all(batch.map((panel) => panelCosine(pool, models, panel, output)))));
  }
  const meanCosine = cosines.reduce((a, b) => a + b) / cosines.length;
  return { output, meanCosine, minCosine: Math.min(...cosines), count: cosines.length };
}

async function panelCosine(
  pool: ModelPools,
  [first, second]: readonly [Model, Model],
  panel: EngineInput,
  output: Output,
): Promise<number> {
  const embed = async ({ id }: Model) => {
    const { vectors } = await pool.run(id, { ...panel, outputs: [output] });
    const vector = vectors[output];
    if (!vector) throw new PanelvecError('inference_failed', `${id} gives a panel no ${output} vector`);
    return vector;
  };
  return cosineSimilarity(...(await Promise.all([embed(first), embed(second)])));
}
