import sharp from 'sharp';
import { oneLine, PanelvecError } from '../../errors.ts';
import { assertImageFormat } from './image-format.ts';

// Requests are many and pictures small: one thread a picture, as many pictures at a time as libuv has threads.
sharp.concurrency(1);
sharp.cache(false);

/** JPEG's own limit. A PNG of one column and forty million rows would decode for half a minute. */
const LONGEST_SIDE = 65_535;

/** A decoded picture: 8-bit sRGB, upright, without alpha, rows of width * 3 bytes. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface ImageLimits {
  readonly maxImageBytes: number;
  readonly maxImagePixels: number;
}

/**
 * Decodes JPEG, PNG or WebP on libuv's threads. EXIF orientation is applied; grey, CMYK and 16-bit pictures become
 * 8-bit sRGB; alpha is dropped as PIL's convert("RGB") drops it; of an animation the first frame is taken.
 * @throws PanelvecError unsupported_media_type, image_too_large (from the header, before any pixel), image_unreadable
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits): Promise<Raster> {
  if (bytes.byteLength === 0) throw new PanelvecError('image_unreadable', 'the image is empty');
  if (bytes.byteLength > limits.maxImageBytes) {
    throw new PanelvecError('image_too_large', `the image has ${bytes.byteLength} bytes, over ${limits.maxImageBytes}`);
  }
  assertImageFormat(bytes);
  await assertPixels(bytes, limits.maxImagePixels);
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: limits.maxImagePixels, failOn: 'error' })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw unreadable(cause);
  }
}

async function assertPixels(bytes: Uint8Array, maxPixels: number): Promise<void> {
  const { width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw unreadable(cause);
    });
  if (width * height > maxPixels) {
    throw new PanelvecError('image_too_large', `the image has ${width} x ${height} pixels, over ${maxPixels}`);
  }
  if (Math.max(width, height) > LONGEST_SIDE) {
    throw new PanelvecError('image_too_large', `the image has a side of over ${LONGEST_SIDE} pixels`);
  }
}

function unreadable(cause: unknown): PanelvecError {
  return new PanelvecError('image_unreadable', `the image cannot be decoded: ${oneLine(cause)}`, { cause });
}
