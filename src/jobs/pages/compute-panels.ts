import type { DatasetPanel } from '../../datasets/page-panels.ts';
import type { EngineResult, Output, PooledFeatures } from '../../inference/engine-types.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { ModelWithEngines, Resources } from '../job-kind.ts';
import { cropPanels } from './crop-panels.ts';
import { hashPage, type PageFeatures } from './page-features.ts';

export interface PanelContext {
  readonly openedModel: ModelWithEngines;
  readonly features: PageFeatures;
  readonly resources: Resources;
  readonly signal: AbortSignal;
}

export interface ComputedPanel {
  readonly vectors: EngineResult['vectors'];
  /** What was known and what was computed, of what the panel has */
  readonly pooledFeatures: PooledFeatures;
}

/** Panels of one page through the engines, which compute what the cache does not have. */
export async function computePanels(
  bytes: Buffer,
  panels: readonly DatasetPanel[],
  outputs: readonly Output[],
  { openedModel, features, resources, signal }: PanelContext,
): Promise<ComputedPanel[]> {
  const digest = hashPage(bytes);
  const { model, tokenizer } = openedModel.servedModel;
  const tokens = panels.map(({ text }) => (text === null || !tokenizer ? null : tokenizer.encode(text).tokens));
  const cachedFeatures = panels.map(({ crop }, i) => features.lookup(digest, crop, tokens[i]!));
  const { image_size: size } = model.spec.vision;
  const pixels = await cropPanels(bytes, panels, (i) => !cachedFeatures[i]!.vision, size, resources, signal);
  const panelPromises = panels.map(async ({ crop, composition }, i): Promise<ComputedPanel> => {
    const item = {
      pixels: pixels[i]!,
      tokens: tokens[i]!,
      composition,
      outputs,
      known: cachedFeatures[i]!,
      wantsFeatures: true,
    };
    const result = await openedModel.engines.runBulk(model.id, item, signal);
    if (result.features) features.save(digest, crop, tokens[i]!, result.features);
    return { vectors: result.vectors, pooledFeatures: { ...cachedFeatures[i]!, ...result.features } };
  });
  return waitForAll(panelPromises);
}
