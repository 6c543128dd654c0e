import type { DatasetPanel } from '../../datasets/page-panels.ts';
import { decodeImage } from '../../preprocess/image/decode-image.ts';
import { resizeCrop } from '../../preprocess/image/resize-crop.ts';
import type { Resources } from '../job-kind.ts';

/**
 * Pixels of the panels that are wanted, uint8 (size, size, 3) each, null for the others. Nothing is decoded where none is.
 * @throws PanelvecError where the picture cannot be read
 */
export async function cropPanels(
  bytes: Buffer,
  panels: readonly DatasetPanel[],
  isWanted: (i: number) => boolean,
  size: number,
  { decodeLimit, imageLimits }: Resources,
  signal: AbortSignal,
): Promise<(Uint8Array | null)[]> {
  if (!panels.some((_, i) => isWanted(i))) return panels.map(() => null);
  return decodeLimit(async () => {
    signal.throwIfAborted();
    const raster = await decodeImage(bytes, imageLimits);
    // One after the other: a page at a time is a thread at a time, and the engines have the rest.
    const pixels: (Uint8Array | null)[] = [];
    for (const [i, { crop }] of panels.entries()) {
      pixels.push(isWanted(i) ? await resizeCrop(raster, crop, size) : null);
    }
    return pixels;
  });
}
