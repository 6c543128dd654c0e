import sharp from 'sharp';
import type { PictureFormat } from '../../model/model-spec.ts';
import { gridCrops } from '../image/grid-views.ts';
import { type Crop, fromRaster, type Raster, resizeCrop } from '../image/resize-crop.ts';
import { adjustPixels } from './adjust-pixels.ts';
import type { Adjustments, ChangedCrop, Recompression } from './picture-change.ts';

/** Cuts a crop out of a raster, changes it, and resizes each of its views to size x size RGB bytes, one after the other. */
export async function cutCrop(raster: Raster, crop: ChangedCrop, format: PictureFormat): Promise<Uint8Array> {
  const { change } = crop;
  const recompression = change?.kind === 'recompressed' ? change : change?.recompression;
  if (recompression) {
    const { isOneView = false } = crop;
    const recompressed = await recompress(raster, crop, recompression);
    const whole = { left: 0, top: 0, right: recompressed.width, bottom: recompressed.height, isOneView };
    const adjustments = change?.kind === 'adjusted' ? { change: { ...change, recompression: null } } : {};
    return cutCrop(recompressed, { ...whole, ...adjustments }, format);
  }
  const { image_size: size, grid_views: gridViews } = format;
  const views: Uint8Array[] = [];
  for (const view of gridCrops(crop, crop.isOneView ? 1 : gridViews)) {
    const pixels = await resizeCrop(raster, view, size);
    if (change?.kind === 'adjusted') adjustPixels(pixels, size, adjustmentsOfView(change, crop, view));
    views.push(pixels);
  }
  const [first] = views;
  return first !== undefined && views.length === 1 ? first : Buffer.concat(views);
}

/** Moves masks, which are fractions of the crop, into a view of it. */
function adjustmentsOfView(adjustments: Adjustments, crop: Crop, view: Crop): Adjustments {
  const moveX = (x: number) => (crop.left + x * (crop.right - crop.left) - view.left) / (view.right - view.left);
  const moveY = (y: number) => (crop.top + y * (crop.bottom - crop.top) - view.top) / (view.bottom - view.top);
  const masks = adjustments.masks.map(({ left, top, right, bottom, colour }) => ({
    left: moveX(left),
    top: moveY(top),
    right: moveX(right),
    bottom: moveY(bottom),
    colour,
  }));
  return { ...adjustments, masks };
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
