import { type CropOptions, cropImage } from './crop-image.ts';
import type { ImageFile } from './open-image.ts';
import { type Crop, fromRaster } from './resize-crop.ts';

/** The longer side, in pixels */
const MAX_SIDE = 160;
const JPEG_QUALITY = 70;

/** A small picture for people to look at. */
export interface Thumbnail {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Makes a small picture of each crop of a page. @throws PanelvecError image_unreadable, image_too_large */
export async function panelThumbnails(
  image: ImageFile,
  crops: readonly Crop[],
  options: CropOptions,
): Promise<Thumbnail[]> {
  const squares = await cropImage(image, crops, { image_size: MAX_SIDE, grid_views: 1 }, options);
  const thumbnails: Thumbnail[] = [];
  for (const [i, crop] of crops.entries()) {
    const square = squares[i];
    if (square) thumbnails.push(await makeThumbnail(square, crop));
  }
  return thumbnails;
}

/** Gives a square its aspect back. Its longer side has its pixels already, so this only shrinks. */
async function makeThumbnail(square: Uint8Array, crop: Crop): Promise<Thumbnail> {
  const [cropWidth, cropHeight] = [crop.right - crop.left, crop.bottom - crop.top];
  const scale = Math.min(1, MAX_SIDE / Math.max(cropWidth, cropHeight));
  const width = Math.max(1, Math.round(cropWidth * scale));
  const height = Math.max(1, Math.round(cropHeight * scale));
  const jpeg = await fromRaster({ data: Buffer.from(square), width: MAX_SIDE, height: MAX_SIDE })
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  return { jpeg, width, height };
}
