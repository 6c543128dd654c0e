import type { DatasetPanel } from '../../datasets/panel-files/page-panels.ts';
import { PanelvecError } from '../../errors.ts';
import type { EngineResult, Output, PooledFeatures } from '../../inference/engine-types.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';
import { isFiniteVector } from '../../util/vectors.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { ModelWithEngines, Resources } from '../job-kind.ts';
import { cropPanels } from './crop-panels.ts';
import { hashPage, type PageFeatures } from './page-features.ts';
import { readPanelText, type TextNote } from './read-panel-text.ts';

export interface PanelContext {
  readonly openedModel: ModelWithEngines;
  readonly features: PageFeatures;
  readonly resources: Resources;
  readonly signal: AbortSignal;
}

export interface ComputedPanel {
  /** The panel's index in its file */
  readonly index: number;
  readonly textNote: TextNote | undefined;
  readonly vectors: EngineResult['vectors'];
  readonly gate: EngineResult['gateWeights'];
  /** Cached and newly computed features of the modalities that the panel has */
  readonly pooledFeatures: PooledFeatures;
}

/** Runs the panels of one page through the engines, which compute only what the cache lacks. */
export async function computePanels(
  image: ImageFile,
  panels: readonly DatasetPanel[],
  outputs: readonly Output[],
  { openedModel, features, resources, signal }: PanelContext,
): Promise<ComputedPanel[]> {
  const digest = hashPage(image);
  const { model, tokenizer } = openedModel.servedModel;
  const lookups = panels.map((panel) => {
    const { tokens, textNote } = readPanelText(panel, tokenizer);
    return { panel, tokens, textNote, cached: features.lookup(digest, panel.crop, tokens) };
  });
  const crops = lookups.map(({ panel, cached }) => (cached.vision ? null : panel.crop));
  const pixels = await cropPanels(image, crops, model.spec.vision, resources, signal);
  const panelPromises = lookups.map(async ({ panel, tokens, textNote, cached }, i): Promise<ComputedPanel> => {
    const { index, crop, composition } = panel;
    const item = { pixels: pixels[i] ?? null, tokens, composition, outputs, known: cached, wantsFeatures: true };
    const {
      vectors,
      gateWeights: gate,
      features: computed,
    } = await openedModel.engines.runBulk(model.id, item, signal);
    if (computed) features.save(digest, crop, tokens, computed);
    return { index, textNote, vectors, gate, pooledFeatures: { ...cached, ...computed } };
  });
  return waitForAll(panelPromises);
}

/** @throws PanelvecError vector_not_finite, which counts as a problem of the page */
export function requireFinite(vector: Float32Array | undefined, description: string): Float32Array {
  if (vector !== undefined && isFiniteVector(vector)) return vector;
  throw new PanelvecError('vector_not_finite', `${description} is not finite`);
}
