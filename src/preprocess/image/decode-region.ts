import type { Sharp } from 'sharp';
import { openPixels } from './decode-image.ts';
import { type ImageFile, unreadableImage } from './open-image.ts';
import { type Crop, fromRaster, type Raster } from './resize-crop.ts';

/**
 * Decodes a part of an image, given in pixels of the upright image. Decoders of JPEG and PNG read rows from the top to the end of
 * the part and keep few of them.
 * @throws PanelvecError image_unreadable
 */
export async function decodeRegion(image: ImageFile, region: Crop): Promise<Raster> {
  const { orientation = 1 } = image.header;
  const stored = toStoredRegion(image, region);
  try {
    const { data, info } = await openPixels(image)
      .extract(toExtract(stored))
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const raster = { data, width: info.width, height: info.height };
    return orientation === 1 ? raster : await turnUpright(raster, orientation);
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** Reads a file to its end. Regions above a damage would not show it. @throws PanelvecError image_unreadable */
export async function assertNotCutOff(image: ImageFile): Promise<void> {
  const { height } = image.header;
  try {
    await openPixels(image)
      .extract({ left: 0, top: height - 1, width: 1, height: 1 })
      .raw()
      .toBuffer();
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** EXIF orientations whose rows are columns of the upright image, and whose columns or rows run backwards. */
const SWAPPED: ReadonlySet<number> = new Set([5, 6, 7, 8]);
const BACKWARD_COLUMNS: ReadonlySet<number> = new Set([2, 3, 7, 8]);
const BACKWARD_ROWS: ReadonlySet<number> = new Set([3, 4, 6, 7]);

function toStoredRegion({ header }: ImageFile, { left, top, right, bottom }: Crop): Crop {
  const { orientation = 1, width, height } = header;
  const region = SWAPPED.has(orientation)
    ? { left: top, top: left, right: bottom, bottom: right }
    : { left, top, right, bottom };
  const columns = BACKWARD_COLUMNS.has(orientation)
    ? { left: width - region.right, right: width - region.left }
    : { left: region.left, right: region.right };
  const rows = BACKWARD_ROWS.has(orientation)
    ? { top: height - region.bottom, bottom: height - region.top }
    : { top: region.top, bottom: region.bottom };
  return { ...columns, ...rows };
}

/** sharp mirrors before it rotates. */
const TURNS: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.flip().rotate(90),
  6: (image) => image.rotate(90),
  7: (image) => image.flop().rotate(90),
  8: (image) => image.rotate(270),
};

async function turnUpright(raster: Raster, orientation: number): Promise<Raster> {
  const turn = TURNS[orientation] ?? ((image: Sharp) => image);
  const { data, info } = await turn(fromRaster(raster)).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function toExtract({ left, top, right, bottom }: Crop): { left: number; top: number; width: number; height: number } {
  return { left, top, width: right - left, height: bottom - top };
}
