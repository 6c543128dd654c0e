import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { COMPOSITION_FEATURES } from '../model/modality.ts';
import { type Model, modelFilePath } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import type { PictureFormat } from '../model/model-spec.ts';

/** A panel with a known fused vector. Its image is a pattern that `drawPicture` draws. */
const goldenPanelSchema = z.strictObject({
  pattern: z.number().int().nullable(),
  text: z.string().nullable(),
  composition: z.array(z.number()).length(COMPOSITION_FEATURES).nullable(),
  /** base64 of little-endian float32 numbers, computed on a CPU */
  fused: z.string(),
});
export type GoldenPanel = z.infer<typeof goldenPanelSchema>;

const goldenSchema = z.object({ panels: z.array(goldenPanelSchema) });

/** Reads the golden panels of a model; none if it has no file of them. */
export async function readGoldenPanels(model: Model): Promise<readonly GoldenPanel[]> {
  const { golden } = model.spec;
  if (golden === undefined) return [];
  const file = modelFilePath(model, golden);
  try {
    return goldenSchema.parse(JSON.parse(await readFile(file, 'utf8'))).panels;
  } catch (cause) {
    throw new ModelError(`${file} holds no golden vectors`, { cause });
  }
}

/** Draws a picture for an encoder, uint8 (views, size, size, 3). Each view has a pattern of its own, so that all of them count. */
export function drawPicture(pattern: number, { image_size: size, grid_views: gridViews }: PictureFormat): Uint8Array {
  return Buffer.concat(Array.from({ length: gridViews }, (_, view) => drawPattern(pattern + view, size)));
}

/** Draws an image with structure at several scales: RGB, size * size * 3 bytes */
export function drawPattern(pattern: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  for (let offset = 0; offset < pixels.length; offset++) {
    const [y, x, channel] = [Math.floor(offset / (3 * size)), Math.floor(offset / 3) % size, offset % 3];
    const stripes = ((x * (1 + channel) + y * pattern) >> 3) & 1;
    pixels[offset] = (stripes * 128 + ((x * y * pattern) >> 5) + 40 * channel) & 255;
  }
  return pixels;
}

export function decodeVector(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}
