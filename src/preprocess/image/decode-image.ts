import sharp, { type Sharp } from 'sharp';
import type { PictureFormat } from '../../model/model-spec.ts';
import { cutCrop } from '../augment/cut-crop.ts';
import type { ImageHeader } from './image-header.ts';
import { type ImageFile, type ImageLimits, openImage, unreadableImage } from './open-image.ts';
import { type Raster, resizeCrop } from './resize-crop.ts';

/** The versions of the decoders, which may round pixels differently from version to version. */
export const DECODER_VERSION: string = JSON.stringify(sharp.versions);

/**
 * Decodes a whole image on libuv's threads. Applies the EXIF orientation, converts grey, CMYK and 16-bit images to 8-bit sRGB,
 * drops alpha as PIL's convert("RGB") does, and takes the first frame of an animation.
 * @throws PanelvecError like openImage
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits): Promise<Raster> {
  return decodeFile(await openImage(bytes, limits));
}

/** @throws PanelvecError image_unreadable */
export async function decodeFile(file: ImageFile): Promise<Raster> {
  try {
    const { data, info } = await openUpright(file).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.width !== file.width || info.height !== file.height) throw new Error('the header has another size');
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** Decodes a picture for an encoder: uint8 (views, size, size, 3). @throws PanelvecError like openImage */
export async function decodePicture(
  bytes: Uint8Array,
  format: PictureFormat,
  limits: ImageLimits,
): Promise<Uint8Array> {
  if (format.grid_views === 1) return decodeSquare(bytes, format.image_size, limits);
  const raster = await decodeImage(bytes, limits);
  return cutCrop(raster, { left: 0, top: 0, right: raster.width, bottom: raster.height }, format);
}

/**
 * Decodes a whole image to size x size RGB bytes, with the same bits as decodeImage and resizeCrop. Most images take one pass,
 * without the full-size pixels in between.
 * @throws PanelvecError like openImage
 */
export async function decodeSquare(bytes: Uint8Array, size: number, limits: ImageLimits): Promise<Uint8Array> {
  const file = await openImage(bytes, limits);
  if (!canResizeInOnePass(file.header, size)) {
    const raster = await decodeFile(file);
    return resizeCrop(raster, { left: 0, top: 0, right: raster.width, bottom: raster.height }, size);
  }
  const shrink = { width: size, height: size, fit: 'fill', kernel: 'linear' } as const;
  try {
    return await openUpright(file).resize(shrink).raw({ depth: 'uchar' }).toBuffer();
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** Opens the stored pixels, in 8-bit sRGB without alpha. */
export function openPixels({ bytes, header, isTruncated }: ImageFile): Sharp {
  // The size was checked when the file was opened.
  const image = sharp(bytes, { limitInputPixels: false, failOn: isTruncated ? 'none' : 'error' });
  const spaceOf8Bits = SPACES_OF_8_BITS[header.space];
  if (spaceOf8Bits) image.pipelineColourspace(spaceOf8Bits);
  return image.toColourspace('srgb').removeAlpha();
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
function canResizeInOnePass({ width, height, hasAlpha, space, orientation = 1 }: ImageHeader, size: number): boolean {
  return !hasAlpha && space in SPACES_OF_8_BITS && orientation === 1 && Math.min(width, height) >= size;
}

/** Opens the upright picture, as openPixels opens the stored one. */
export function openUpright(file: ImageFile): Sharp {
  return openPixels(file).autoOrient();
}
