import sharp from 'sharp';
import { type Crop, fromRaster, type Raster, resizeCrop } from '../image/resize-crop.ts';
import { adjustPixels } from './adjust-pixels.ts';
import type { ChangedCrop, Recompression } from './picture-change.ts';

/** Cuts a crop out of a raster, changes it, and resizes it to size x size RGB bytes. */
export async function cutCrop(raster: Raster, crop: ChangedCrop, size: number): Promise<Uint8Array> {
  const { change } = crop;
  if (change?.kind === 'recompressed') {
    const recompressed = await recompress(raster, crop, change);
    return resizeCrop(recompressed, { left: 0, top: 0, right: recompressed.width, bottom: recompressed.height }, size);
  }
  const pixels = await resizeCrop(raster, crop, size);
  if (change !== undefined) adjustPixels(pixels, size, change);
  return pixels;
}

/** The limit of JPEG. */
const MAX_JPEG_SIDE = 65_500;

async function recompress(raster: Raster, crop: Crop, { width: maxWidth, quality }: Recompression): Promise<Raster> {
  const region = { left: crop.left, top: crop.top, width: crop.right - crop.left, height: crop.bottom - crop.top };
  const width = Math.min(maxWidth, region.width);
  const height = Math.min(MAX_JPEG_SIDE, Math.max(1, Math.round((region.height * width) / region.width)));
  const jpeg = await fromRaster(raster)
    .extract(region)
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .jpeg({ quality })
    .toBuffer();
  return { data: await sharp(jpeg).raw().toBuffer(), width, height };
}
