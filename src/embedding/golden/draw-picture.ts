import type { PictureFormat } from '../../model/model-spec.ts';

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
