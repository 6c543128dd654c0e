import type { EngineOutput } from '../inference/engine-types.ts';
import type { Crop } from '../preprocess/image/resize-crop.ts';
import type { FeatureMemory } from './feature-memory.ts';
import { isPictureMissing, neededKeys, type PanelSource } from './panel-source.ts';

/** A panel of a page of which nothing is decoded. */
export interface UndecodedPanel extends Omit<PanelSource, 'picture' | 'claim'> {
  readonly crop: Crop;
  readonly pictureKey: string | undefined;
}

export interface PageDecoder {
  /** Path of the page's image in the request, for errors */
  readonly field: string;
  /** Decodes the page and cuts crops out; null for a crop that is null. @throws PanelvecError naming the field */
  decodeCrops(crops: readonly (Crop | null)[]): Promise<readonly (Uint8Array | null)[]>;
  /** Decodes the page again for one crop, when nothing else of it is being decoded. @throws PanelvecError naming the field */
  decodeAgain(crop: Crop, signal: AbortSignal): Promise<Uint8Array>;
}

/**
 * Asks the memory for the features of the panels of a page, and decodes once what is missing. A panel whose features are computed for
 * another request is decoded later, if that one fails.
 */
export async function toPageSources(
  undecoded: readonly UndecodedPanel[],
  outputs: readonly EngineOutput[],
  memory: FeatureMemory,
  { field, decodeCrops, decodeAgain }: PageDecoder,
): Promise<PanelSource[]> {
  const claimed = undecoded.map(({ pictureKey: key, ...panel }) => {
    const picture = { key };
    return { ...panel, picture, claim: memory.claim(neededKeys({ ...panel, picture }, outputs)) };
  });
  const crops = claimed.map(({ picture, claim, crop }) => (isPictureMissing(picture, claim) ? crop : null));
  try {
    // A page without panels is decoded, too: it must be readable.
    const isDecoded = crops.length === 0 || crops.some((crop) => crop !== null);
    const pixels = isDecoded ? await decodeCrops(crops) : [];
    return claimed.map(({ crop, picture, ...panel }, i) => {
      const decode = async (signal: AbortSignal) => pixels[i] ?? decodeAgain(crop, signal);
      return { ...panel, picture: { ...picture, field, decode } };
    });
  } catch (error) {
    for (const { claim } of claimed) if (claim.kind === 'claimed') claim.fail(error);
    throw error;
  }
}
