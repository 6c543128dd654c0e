import type { EngineItem, Output } from '../inference/contract.ts';
import type { EnginePool } from '../inference/engine-pool.ts';
import type { Model } from '../model/model.ts';
import { cosine } from '../vectors/cosine.ts';

/** Panels in the queue at a time: what waits for its turn too long would be given up. */
const PANELS_AT_A_TIME = 8;

/** How near the vectors of two models are. */
export interface Agreement {
  readonly output: Output;
  readonly mean: number;
  readonly smallest: number;
  readonly count: number;
}

export type Panel = Omit<EngineItem, 'outputs'>;

/** Cosines between what two models make of the same panels, at least one. @throws PanelvecError where one of them cannot */
export async function agreement(
  pool: EnginePool,
  models: readonly [Model, Model],
  panels: readonly Panel[],
  output: Output,
): Promise<Agreement> {
  const cosines: number[] = [];
  for (let start = 0; start < panels.length; start += PANELS_AT_A_TIME) {
    const some = panels.slice(start, start + PANELS_AT_A_TIME);
    cosines.push(...(await Promise.all(some.map((panel) => cosineOf(pool, models, { ...panel, outputs: [output] })))));
  }
  const mean = cosines.reduce((a, b) => a + b) / cosines.length;
  return { output, mean, smallest: Math.min(...cosines), count: cosines.length };
}

async function cosineOf(pool: EnginePool, models: readonly [Model, Model], item: EngineItem): Promise<number> {
  const [output] = item.outputs;
  const [a, b] = await Promise.all(models.map(({ id }) => pool.run(id, item)));
  return cosine(a!.vectors[output!]!, b!.vectors[output!]!);
}
