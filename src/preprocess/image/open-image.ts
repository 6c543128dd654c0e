import sharp from 'sharp';
import { firstLine, PanelvecError } from '../../errors.ts';
import { assertPlainAvif } from './avif-structure.ts';
import { detectImageFormat, type ImageFormat, type OptionalImageFormat } from './image-format.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { completeJpeg } from './jpeg-end.ts';
import { assertPlainTiff } from './tiff-structure.ts';
import { assertFewWebpFrames } from './webp-structure.ts';

// Requests are many and images small: one thread per image, and as many images at a time as libuv has threads.
sharp.concurrency(1);
sharp.cache(false);

/** The limit of JPEG. A PNG of one column and forty million rows would take half a minute to decode. */
const MAX_SIDE = 65_535;
/** PNG has no limit. A million rows take a tenth of a second even if they are short; wide rows take memory. */
const MAX_STRIP_HEIGHT = 1_000_000;
/**
 * The limit of a progressive JPEG or an interlaced PNG, in images of the maximum size: their decoders hold the whole image in
 * memory, which takes about as much as an image of another format that is decoded whole.
 */
const MAX_HELD_IMAGES = 2;

export interface ImageLimits {
  readonly maxImageBytes: number;
  readonly maxImagePixels: number;
}

export interface PageLimits extends ImageLimits {
  /** The limit of a page that is decoded region by region */
  readonly maxStripPixels: number;
}

export interface ReadOptions {
  /** Formats to take beside JPEG, PNG, WebP and AVIF */
  readonly formats?: readonly OptionalImageFormat[];
  /** Whether a truncated JPEG is read as far as it goes */
  readonly tolerant?: boolean;
}

/** An image file that may be decoded: its header is read and within the limits. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
  /** The size of the upright image */
  readonly width: number;
  readonly height: number;
  /** Whether pixels are missing. They are grey, as PIL reads truncated files. */
  readonly isTruncated: boolean;
  /** Pixels that are decoded at a time */
  readonly maxPixels: number;
}

/**
 * Opens an image that is decoded whole.
 * @throws PanelvecError unsupported_media_type, image_too_large (from the header, before any pixel), image_unreadable
 */
export async function openImage(bytes: Uint8Array, limits: ImageLimits, options?: ReadOptions): Promise<ImageFile> {
  return openFile(bytes, limits, options, ({ width, height }) => {
    const { maxImagePixels } = limits;
    if (width * height > maxImagePixels) throw tooLarge(`${width} x ${height} pixels, over ${maxImagePixels}`);
    if (Math.max(width, height) > MAX_SIDE) throw tooLarge(`a side of over ${MAX_SIDE} pixels`);
  });
}

/** Opens a page whose panels are cut out. It may be larger, like a strip for scrolling. @throws PanelvecError like openImage */
export async function openPage(bytes: Uint8Array, limits: PageLimits, options?: ReadOptions): Promise<ImageFile> {
  return openFile(bytes, limits, options, (header) => {
    const { width, height } = header;
    const maxPixels = maxPagePixels(header, limits);
    if (width * height > maxPixels) {
      const isOtherwiseTaken = width * height <= limits.maxStripPixels;
      const remedy = isOtherwiseTaken ? '; a JPEG or PNG that is not progressive may have more' : '';
      throw tooLarge(`${width} x ${height} pixels, over ${maxPixels}${remedy}`);
    }
    if (width > MAX_SIDE) throw tooLarge(`a width of over ${MAX_SIDE} pixels`);
    if (height > MAX_STRIP_HEIGHT) throw tooLarge(`a height of over ${MAX_STRIP_HEIGHT} pixels`);
  });
}

function maxPagePixels({ format, isProgressive }: ImageHeader, { maxImagePixels, maxStripPixels }: PageLimits): number {
  if (format !== 'jpeg' && format !== 'png') return maxImagePixels;
  const maxPixels = isProgressive ? Math.min(MAX_HELD_IMAGES * maxImagePixels, maxStripPixels) : maxStripPixels;
  return Math.max(maxImagePixels, maxPixels);
}

export function unreadableImage(cause: unknown): PanelvecError {
  return new PanelvecError('image_unreadable', `the image cannot be decoded: ${firstLine(cause)}`, { cause });
}

async function openFile(
  bytes: Uint8Array,
  { maxImageBytes, maxImagePixels }: ImageLimits,
  { formats, tolerant = false }: ReadOptions = {},
  assertSize: (header: ImageHeader) => void,
): Promise<ImageFile> {
  if (bytes.byteLength === 0) throw new PanelvecError('image_unreadable', 'the image is empty');
  if (bytes.byteLength > maxImageBytes) throw tooLarge(`${bytes.byteLength} bytes, over ${maxImageBytes}`);
  const format = detectImageFormat(bytes, formats);
  if (format === 'tiff') assertPlainTiff(bytes);
  if (format === 'webp') assertFewWebpFrames(bytes);
  const readable = format === 'avif' ? toReadableAvif(bytes) : bytes;
  const header = await readHeader(readable, format);
  assertSize(header);
  // Nothing tells whether 1 or 255 is white.
  if (header.depth !== 'uchar' && header.depth !== 'ushort') {
    const message = `the image has samples of the type "${header.depth}": save it with 8 or 16 bits`;
    throw new PanelvecError('unsupported_media_type', message);
  }
  const { width, height } = header.autoOrient;
  const file = { header, width, height, maxPixels: maxImagePixels };
  if (format !== 'jpeg') return { ...file, bytes: readable, isTruncated: false };
  const completed = await completeJpeg(readable, header);
  if (completed === 'truncated' && !tolerant) {
    const message = 'the JPEG is truncated; a dataset with images.tolerant reads it as far as it goes';
    throw new PanelvecError('image_unreadable', message);
  }
  const isTruncated = completed === 'truncated';
  return { ...file, bytes: isTruncated ? readable : completed, isTruncated };
}

async function readHeader(bytes: Uint8Array, format: ImageFormat): Promise<ImageHeader> {
  try {
    return await readImageHeader(bytes, format);
  } catch (cause) {
    throw unreadableImage(cause);
  }
}

/** The bytes as libvips takes them: it knows AVIF by its major brand alone, not sequences nor other orders of brands. */
function toReadableAvif(bytes: Uint8Array): Uint8Array {
  assertPlainAvif(bytes);
  if (Buffer.from(bytes.buffer, bytes.byteOffset, 12).toString('latin1', 8) === 'avif') return bytes;
  const copy = Buffer.from(bytes);
  copy.write('avif', 8, 'latin1');
  return copy;
}

function tooLarge(problem: string): PanelvecError {
  return new PanelvecError('image_too_large', `the image has ${problem}`);
}
