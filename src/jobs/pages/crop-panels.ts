import type { PictureFormat } from '../../model/model-spec.ts';
import type { ChangedCrop } from '../../preprocess/augment/picture-change.ts';
import { cropImage } from '../../preprocess/image/crop-image.ts';
import type { ImageFile } from '../../preprocess/image/open-image.ts';
import type { Resources } from '../job-kind.ts';

/**
 * Cuts crops out of a page, each resized to uint8 (views, size, size, 3); null for a crop that is null. The page is decoded only if
 * there is a crop.
 * @throws PanelvecError if the page cannot be decoded
 */
export async function cropPanels<C extends ChangedCrop | null>(
  image: ImageFile,
  crops: readonly C[],
  format: PictureFormat,
  resources: Resources,
  signal: AbortSignal,
): Promise<(Uint8Array | Extract<C, null>)[]>;
export async function cropPanels(
  image: ImageFile,
  crops: readonly (ChangedCrop | null)[],
  format: PictureFormat,
  { decodeLimit }: Resources,
  signal: AbortSignal,
): Promise<(Uint8Array | null)[]> {
  if (crops.every((crop) => crop === null)) return crops.map(() => null);
  // One crop after the other: a page then takes one thread, and the engines have the rest.
  const options = { isParallel: false, assertWanted: () => signal.throwIfAborted() };
  return decodeLimit(() => cropImage(image, crops, format, options));
}
