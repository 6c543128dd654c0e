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

/**
 * Compares what every engine of a loaded model makes of its golden inputs with the vectors in its folder. A model without them is
 * compared with what the first engine of all services made of inputs that fit every model.
 * @throws PanelvecError golden_mismatch, also where the numbers are not finite
 */
export async function assertGoldenVectors(
  pool: Pick<ModelPools, 'runOnEach'>,
  registry: Pick<ModelRegistry, 'get' | 'setGolden'>,
  served: ServedModel,
): Promise<void> {
  const { id } = served.model;
  const own = await readGoldenPanels(served.model);
  const registered = registeredGoldenSchema.safeParse(registry.get(id).golden).data?.panels ?? [];
  const known = own.length > 0 ? own : registered;
  if (known.length > 0) {
    await assertGolden(pool, served, known);
    return;
  }
  const first = await computeFirst(pool, served);
  // Vectors that are not finite must not become what others are compared with.
  await assertGolden(pool, served, first);
  const kept = registeredGoldenSchema.parse(await registry.setGolden(id, { panels: first }));
  await assertGolden(pool, served, kept.panels);
}

async function computeFirst(pool: Pick<ModelPools, 'runOnEach'>, served: ServedModel): Promise<GoldenPanel[]> {
  const inputs = await goldenInputs(served);
  const [engine] = await computeGolden(pool, served, inputs);
  return toGoldenPanels(inputs, engine?.vectors ?? []);
}
