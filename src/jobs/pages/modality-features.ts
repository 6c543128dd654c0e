import type { EngineItem, Output, PooledFeatures } from '../../inference/engine-types.ts';
import type { ChangedCrop } from '../../preprocess/augment/picture-change.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { PanelContext } from './compute-panels.ts';
import { cropPanels } from './crop-panels.ts';
import { hashPage, type PictureFeatures } from './page-features.ts';
import { readPanelText } from './read-panel-text.ts';

/** Crops that are in memory at a time. */
const MAX_CROPS = 64;

/** Encodes crops of a page. Only those that the cache lacks are cut out, and the page is decoded for these alone. */
export async function computePictureFeatures(
  image: ImageFile,
  crops: readonly ChangedCrop[],
  context: PanelContext,
): Promise<PictureFeatures[]> {
  const digest = hashPage(image);
  const results: PictureFeatures[] = [];
  for (let offset = 0; offset < crops.length; offset += MAX_CROPS) {
    results.push(...(await computeSomePictures(image, digest, crops.slice(offset, offset + MAX_CROPS), context)));
  }
  return results;
}

async function computeSomePictures(
  image: ImageFile,
  digest: string,
  crops: readonly ChangedCrop[],
  context: PanelContext,
): Promise<PictureFeatures[]> {
  const { openedModel, features, resources, signal } = context;
  const { model } = openedModel.servedModel;
  const cached = crops.map((crop) => features.lookupVision(digest, crop));
  const missingCrops = crops.map((crop, i) => (cached[i] ? null : crop));
  const pixels = await cropPanels(image, missingCrops, model.spec.vision, resources, signal);
  const promises = crops.map(async (crop, i) => {
    const known = cached[i];
    if (known) return known;
    const { vision } = await computeModality({ pixels: pixels[i] ?? null, tokens: null, output: 'vision' }, context);
    features.saveVision(digest, crop, requirePresent(vision));
    return requirePresent(vision);
  });
  return waitForAll(promises);
}

/** Encodes texts; undefined for one that is absent, or of which the model knows nothing. */
export async function computeTextFeatures(
  texts: readonly (string | null)[],
  context: PanelContext,
): Promise<(Float32Array | undefined)[]> {
  const { openedModel, features } = context;
  const { tokenizer } = openedModel.servedModel;
  const promises = texts.map(async (text) => {
    const { tokens } = readPanelText({ text }, tokenizer);
    if (tokens === null) return undefined;
    const known = features.lookupText(tokens);
    if (known) return known;
    const { text: computed } = await computeModality({ pixels: null, tokens, output: 'text' }, context);
    features.saveText(tokens, requirePresent(computed));
    return requirePresent(computed);
  });
  return waitForAll(promises);
}

async function computeModality(
  { output, ...content }: Pick<EngineItem, 'pixels' | 'tokens'> & { readonly output: Output },
  { openedModel, signal }: PanelContext,
): Promise<PooledFeatures> {
  const item = { ...content, composition: null, outputs: [output], wantsFeatures: true };
  const { features } = await openedModel.engines.runBulk(openedModel.servedModel.model.id, item, signal);
  return features ?? {};
}

function requirePresent<T>(features: T | undefined): T {
  if (features !== undefined) return features;
  throw new Error('the engine gave no features');
}
