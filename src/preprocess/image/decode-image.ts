import sharp, { type Metadata, type Sharp } from 'sharp';
import { firstLine, PanelvecError } from '../../errors.ts';
import { assertImageFormat } from './image-format.ts';
import { type Raster, resizeCrop } from './resize-crop.ts';

// Requests are many and images small: one thread per image, and as many images at a time as libuv has threads.
sharp.concurrency(1);
sharp.cache(false);

/** The versions of the decoders, which may round pixels differently from version to version. */
export const DECODER_VERSION: string = JSON.stringify(sharp.versions);

/** The limit of JPEG. A PNG of one column and forty million rows would take half a minute to decode. */
const MAX_SIDE = 65_535;

export interface ImageLimits {
  readonly maxImageBytes: number;
  readonly maxImagePixels: number;
}

/**
 * Decodes JPEG, PNG or WebP on libuv's threads. Applies the EXIF orientation, converts grey, CMYK and 16-bit images to 8-bit
 * sRGB, drops alpha as PIL's convert("RGB") does, and takes the first frame of an animation.
 * @throws PanelvecError unsupported_media_type, image_too_large (from the header, before any pixel), image_unreadable
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits): Promise<Raster> {
  const metadata = await assertDecodable(bytes, limits);
  try {
    const { data, info } = await openUpright(bytes, metadata, limits)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** The size of the decoded image, from its header alone. @throws PanelvecError like decodeImage */
export async function measureImage(bytes: Uint8Array, limits: ImageLimits): Promise<{ width: number; height: number }> {
  const { autoOrient } = await assertDecodable(bytes, limits);
  return { width: autoOrient.width, height: autoOrient.height };
}

/**
 * Decodes a whole image to size x size RGB bytes, with the same bits as decodeImage and resizeCrop. Most images take one pass,
 * without the full-size pixels in between.
 * @throws PanelvecError like decodeImage
 */
export async function decodeSquare(bytes: Uint8Array, size: number, limits: ImageLimits): Promise<Uint8Array> {
  const metadata = await assertDecodable(bytes, limits);
  if (!canResizeInOnePass(metadata, size)) {
    const raster = await decodeImage(bytes, limits);
    return resizeCrop(raster, { left: 0, top: 0, right: raster.width, bottom: raster.height }, size);
  }
  const shrink = { width: size, height: size, fit: 'fill', kernel: 'linear' } as const;
  try {
    return await openUpright(bytes, metadata, limits).resize(shrink).raw({ depth: 'uchar' }).toBuffer();
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/**
 * The colour space with 8 bits that an image takes before anything else happens to it. libvips would apply the profile of a
 * 16-bit image with another target than sRGB, or not at all. The profile stays, so these 8 bits become those of an 8-bit image.
 */
const SPACES_OF_8_BITS: Readonly<Record<string, 'srgb' | 'b-w'>> = {
  srgb: 'srgb',
  rgb16: 'srgb',
  'b-w': 'b-w',
  grey16: 'b-w',
};

/**
 * Whether libvips resizes to the same bits in one pass. It does not with alpha, which it mixes in, for a rotated image, which it
 * rotates afterwards, or if it enlarges. In spaces that it is not told at the start, it has the JPEG decoder shrink the image.
 */
function canResizeInOnePass({ width, height, hasAlpha, space, orientation = 1 }: Metadata, size: number): boolean {
  return !hasAlpha && space in SPACES_OF_8_BITS && orientation === 1 && Math.min(width, height) >= size;
}

function openUpright(bytes: Uint8Array, { space }: Metadata, { maxImagePixels }: ImageLimits): Sharp {
  const image = sharp(bytes, { limitInputPixels: maxImagePixels, failOn: 'error' });
  const spaceOf8Bits = SPACES_OF_8_BITS[space];
  if (spaceOf8Bits) image.pipelineColourspace(spaceOf8Bits);
  return image.autoOrient().toColourspace('srgb').removeAlpha();
}

async function assertDecodable(bytes: Uint8Array, limits: ImageLimits): Promise<Metadata> {
  if (bytes.byteLength === 0) throw new PanelvecError('image_unreadable', 'the image is empty');
  if (bytes.byteLength > limits.maxImageBytes) {
    throw new PanelvecError('image_too_large', `the image has ${bytes.byteLength} bytes, over ${limits.maxImageBytes}`);
  }
  assertImageFormat(bytes);
  return readMetadata(bytes, limits.maxImagePixels);
}

async function readMetadata(bytes: Uint8Array, maxPixels: number): Promise<Metadata> {
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw unreadableImage(cause);
    });
  const { width, height } = metadata;
  if (width * height > maxPixels) {
    throw new PanelvecError('image_too_large', `the image has ${width} x ${height} pixels, over ${maxPixels}`);
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new PanelvecError('image_too_large', `the image has a side of over ${MAX_SIDE} pixels`);
  }
  return metadata;
}

function unreadableImage(cause: unknown): PanelvecError {
  return new PanelvecError('image_unreadable', `the image cannot be decoded: ${firstLine(cause)}`, { cause });
}
