import { z } from 'zod';
import { assertGolden, computeGolden } from '../embedding/golden/golden-check.ts';
import {
  type GoldenPanel,
  goldenInputs,
  goldenPanelSchema,
  readGoldenPanels,
  toGoldenPanels,
} from '../embedding/golden/golden-panels.ts';
import type { ServedModel } from '../embedding/served-model.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { ModelRegistry } from '../model-registry/model-registry.ts';

const registeredGoldenSchema = z.object({ panels: z.array(goldenPanelSchema).min(1) });

/** The golden panels of a model: those of its folder, else those that the first engine of all services computed; none before. */
export async function findGoldenPanels(
  registry: Pick<ModelRegistry, 'find'>,
  { model }: ServedModel,
): Promise<readonly GoldenPanel[]> {
  const own = await readGoldenPanels(model);
  if (own.length > 0) return own;
  return registeredGoldenSchema.safeParse(registry.find(model.id)?.golden).data?.panels ?? [];
}

/**
 * Compares what every engine of a loaded model makes of its golden inputs with the vectors in its folder. A model without them is
 * compared with what the first engine of all services made of inputs that fit every model.
 * @throws PanelvecError golden_mismatch, also where the numbers are not finite
 */
export async function assertGoldenVectors(
  pool: Pick<ModelPools, 'runOnEach'>,
  registry: Pick<ModelRegistry, 'find' | 'setGolden'>,
  served: ServedModel,
): Promise<void> {
  const { id } = served.model;
  const known = await findGoldenPanels(registry, served);
  if (known.length > 0) {
    await assertGolden(pool, served, known);
    return;
  }
  const first = await computeFirstPanels(pool, served);
  // Vectors that are not finite must not become what others are compared with.
  await assertGolden(pool, served, first);
  const kept = registeredGoldenSchema.parse(await registry.setGolden(id, { panels: first }));
  await assertGolden(pool, served, kept.panels);
}

/** What the first engine of a model makes of its golden inputs: what it gives first must stay where nobody knows what is right. */
export async function computeFirstPanels(
  pool: Pick<ModelPools, 'runOnEach'>,
  served: ServedModel,
): Promise<GoldenPanel[]> {
  const inputs = await goldenInputs(served);
  const [engine] = await computeGolden(pool, served, inputs);
  return toGoldenPanels(inputs, engine?.vectors ?? []);
}
