import type { DatasetPanel } from '../../datasets/page-panels.ts';
import type { EngineResult, Output, PooledFeatures } from '../../inference/contract.ts';
import { allSettled } from '../../settled.ts';
import type { ComputedModel, Resources } from '../job-kind.ts';
import { cutOut } from './cut-out.ts';
import { type PageFeatures, pageDigest } from './page-features.ts';

export interface PanelWork {
  readonly computed: ComputedModel;
  readonly features: PageFeatures;
  readonly resources: Resources;
  readonly signal: AbortSignal;
}

export interface ComputedPanel {
  readonly vectors: EngineResult['vectors'];
  /** What was known and what was computed, of what the panel has */
  readonly pooled: PooledFeatures;
}

/** Panels of one page through the engines, which compute what the cache does not have. */
export async function computePanels(
  bytes: Buffer,
  panels: readonly DatasetPanel[],
  outputs: readonly Output[],
  { computed, features, resources, signal }: PanelWork,
): Promise<ComputedPanel[]> {
  const digest = pageDigest(bytes);
  const { model, tokenizer } = computed.served;
  const tokens = panels.map(({ text }) => (text === null || !tokenizer ? null : tokenizer.encode(text).tokens));
  const known = panels.map(({ crop }, at) => features.known(digest, crop, tokens[at]!));
  const { image_size: size } = model.spec.vision;
  const pixels = await cutOut(bytes, panels, (at) => !known[at]!.vision, size, resources, signal);
  const jobs = panels.map(async ({ crop, composition }, at): Promise<ComputedPanel> => {
    const item = {
      pixels: pixels[at]!,
      tokens: tokens[at]!,
      composition,
      outputs,
      known: known[at]!,
      wantsFeatures: true,
    };
    const result = await computed.engines.bulk(model.id, item, signal);
    if (result.features) features.keep(digest, crop, tokens[at]!, result.features);
    return { vectors: result.vectors, pooled: { ...known[at]!, ...result.features } };
  });
  return allSettled(jobs);
}
