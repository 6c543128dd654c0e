import { decodeImage } from '../../preprocess/image/decode-image.ts';
import { type Crop, resizeCrop } from '../../preprocess/image/resize-crop.ts';
import type { Resources } from '../job-kind.ts';

/**
 * Cuts crops out of a page, each resized to uint8 (size, size, 3); null for a crop that is null. The page is decoded only if
 * there is a crop.
 * @throws PanelvecError if the page cannot be decoded
 */
export async function cropPanels<C extends Crop | null>(
  bytes: Buffer,
  crops: readonly C[],
  size: number,
  { decodeLimit, imageLimits }: Resources,
  signal: AbortSignal,
): Promise<(Uint8Array | Extract<C, null>)[]>;
export async function cropPanels(
  bytes: Buffer,
  crops: readonly (Crop | null)[],
  size: number,
  { decodeLimit, imageLimits }: Resources,
  signal: AbortSignal,
): Promise<(Uint8Array | null)[]> {
  if (crops.every((crop) => crop === null)) return crops.map(() => null);
  return decodeLimit(async () => {
    signal.throwIfAborted();
    const raster = await decodeImage(bytes, imageLimits);
    // One crop after the other: a page then takes one thread, and the engines have the rest.
    const pixels: (Uint8Array | null)[] = [];
    for (const crop of crops) pixels.push(crop && (await resizeCrop(raster, crop, size)));
    return pixels;
  });
}
