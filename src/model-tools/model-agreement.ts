import { cosineSimilarity } from '../embedding/cosine-similarity.ts';
import type { EnginePool } from '../inference/engine-pool.ts';
import type { EngineItem, Output } from '../inference/engine-types.ts';
import type { Model } from '../model/model.ts';

/** Panels in the queue at a time: what waits for its turn too long would be given up. */
const MAX_PANELS_IN_FLIGHT = 8;

/** How near the vectors of two models are. */
export interface ModelAgreement {
  readonly output: Output;
  readonly meanCosine: number;
  readonly minCosine: number;
  readonly count: number;
}

export type EngineInput = Omit<EngineItem, 'outputs'>;

/** Cosines between what two models make of the same panels, at least one. @throws PanelvecError where one of them cannot */
export async function measureAgreement(
  pool: EnginePool,
  models: readonly [Model, Model],
  panels: readonly EngineInput[],
  output: Output,
): Promise<ModelAgreement> {
  const cosines: number[] = [];
  for (let start = 0; start < panels.length; start += MAX_PANELS_IN_FLIGHT) {
    const batch = panels.slice(start, start + MAX_PANELS_IN_FLIGHT);
    cosines.push(
      ...(await Promise.all(batch.map((panel) => panelCosine(pool, models, { ...panel, outputs: [output] })))),
    );
  }
  const meanCosine = cosines.reduce((a, b) => a + b) / cosines.length;
  return { output, meanCosine, minCosine: Math.min(...cosines), count: cosines.length };
}

async function panelCosine(pool: EnginePool, models: readonly [Model, Model], item: EngineItem): Promise<number> {
  const [output] = item.outputs;
  const [a, b] = await Promise.all(models.map(({ id }) => pool.run(id, item)));
  return cosineSimilarity(a!.vectors[output!]!, b!.vectors[output!]!);
}
