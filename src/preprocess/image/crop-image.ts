import { PanelvecError } from '../../errors.ts';
import type { PictureFormat } from '../../model/model-spec.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import { cutCrop } from '../augment/cut-crop.ts';
import type { ChangedCrop } from '../augment/picture-change.ts';
import { decodeFile } from './decode-image.ts';
import { assertNotCutOff, decodeRegion } from './decode-region.ts';
import type { ImageFile } from './open-image.ts';
import type { Crop } from './resize-crop.ts';

/** Regions beyond those that panels need which do not overlap. The decoder begins at the top of the page for each. */
const MAX_EXTRA_REGIONS = 10;

export interface CropOptions {
  /** Whether the crops of a page are resized at the same time; else it takes one thread */
  readonly isParallel: boolean;
  readonly timeStage?: <T>(stage: 'decode' | 'resize', run: () => Promise<T>) => Promise<T>;
  /** Called before each step. @throws if nobody waits for the pixels any more */
  readonly assertWanted: () => void;
}

/**
 * Cuts crops out of a page, each changed and resized to uint8 (views, size, size, 3); null for a crop that is null. An image
 * over the limit of pixels is decoded region by region, so that memory holds no more than that limit. The bits are those of
 * the page decoded at once.
 * @throws PanelvecError image_unreadable, image_too_large
 */
export async function cropImage(
  image: ImageFile,
  crops: readonly (ChangedCrop | null)[],
  format: PictureFormat,
  { isParallel, assertWanted, timeStage = (_, run) => run() }: CropOptions,
): Promise<(Uint8Array | null)[]> {
  const pixels = crops.map((): Uint8Array | null => null);
  const regions = planRegions(image, crops);
  for (const { bounds, indexes } of regions) {
    assertWanted();
    const raster = await timeStage('decode', () =>
      isWhole(bounds, image) ? decodeFile(image) : decodeRegion(image, bounds),
    );
    const cut = async (index: number) => {
      const crop = crops[index];
      if (crop) pixels[index] = await timeStage('resize', () => cutCrop(raster, moveCrop(crop, bounds), format));
    };
    if (isParallel) await waitForAll(indexes.map(cut));
    else for (const index of indexes) await cut(index);
  }
  if (regions.every(({ bounds }) => bounds.bottom < image.height)) {
    assertWanted();
    await timeStage('decode', () => assertNotCutOff(image));
  }
  return pixels;
}

/** Whether a crop has more pixels than are decoded at a time. */
export function isCropTooLarge(crop: Crop, image: ImageFile): boolean {
  return countPixels(crop) > image.maxPixels;
}

/** @throws PanelvecError image_too_large */
export function assertCropSize(crop: Crop, image: ImageFile): void {
  if (!isCropTooLarge(crop, image)) return;
  throw new PanelvecError('image_too_large', `the crop has ${countPixels(crop)} pixels, over ${image.maxPixels}`);
}

interface Region {
  readonly bounds: Crop;
  /** Of the crops that lie in it */
  readonly indexes: readonly number[];
}

/** Puts crops into regions of at most maxPixels, from the top down. A page within the limit is one region. */
function planRegions(image: ImageFile, crops: readonly (Crop | null)[]): Region[] {
  const wanted = crops.flatMap((crop, index) => (crop ? [{ crop, index }] : []));
  if (wanted.length === 0) return [];
  const whole = { left: 0, top: 0, right: image.width, bottom: image.height };
  if (countPixels(whole) <= image.maxPixels) return [{ bounds: whole, indexes: wanted.map(({ index }) => index) }];
  const regions: { bounds: Crop; indexes: number[] }[] = [];
  for (const { crop, index } of wanted.toSorted((a, b) => a.crop.top - b.crop.top)) {
    assertCropSize(crop, image);
    const last = regions.at(-1);
    const union = last && unite(last.bounds, crop);
    if (last && union && countPixels(union) <= image.maxPixels) {
      last.bounds = union;
      last.indexes.push(index);
    } else regions.push({ bounds: crop, indexes: [index] });
  }
  // Two neighbours together are over the limit: else they would be one region.
  const maxRegions = 2 * Math.ceil(countPixels(whole) / image.maxPixels) + MAX_EXTRA_REGIONS;
  if (regions.length > maxRegions) {
    const message = `the panels overlap so much that the image, which has over ${image.maxPixels} pixels, would be decoded ${regions.length} times`;
    throw new PanelvecError('image_too_large', message);
  }
  return regions;
}

function isWhole({ left, top, right, bottom }: Crop, { width, height }: ImageFile): boolean {
  return left === 0 && top === 0 && right === width && bottom === height;
}

function countPixels({ left, top, right, bottom }: Crop): number {
  return (right - left) * (bottom - top);
}

function unite(a: Crop, b: Crop): Crop {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function moveCrop({ left, top, right, bottom, ...rest }: ChangedCrop, origin: Crop): ChangedCrop {
  return {
    ...rest,
    left: left - origin.left,
    top: top - origin.top,
    right: right - origin.left,
    bottom: bottom - origin.top,
  };
}
