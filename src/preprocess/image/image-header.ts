import sharp, { type Metadata } from 'sharp';
import type { ImageFormat } from './image-format.ts';

/** What the header of an image says. */
export type ImageHeader = Pick<
  Metadata,
  'format' | 'width' | 'height' | 'space' | 'depth' | 'hasAlpha' | 'orientation' | 'isProgressive' | 'autoOrient'
>;

/** The limit of libjpeg */
const MAX_JPEG_SIDE = 65_500;
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
/** Baseline, extended and progressive, all with Huffman codes */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
const PROGRESSIVE = 0xc2;
/** Markers that have a segment and change nothing of the header: tables, restarts, applications, comments. */
const OTHER_SEGMENTS: ReadonlySet<number> = new Set([
  ...[0xc4, 0xdb, 0xdd, 0xfe],
  ...Array.from({ length: 16 }, (_, i) => 0xe0 + i),
]);
const SPACES: Readonly<Record<number, 'b-w' | 'srgb'>> = { 1: 'b-w', 3: 'srgb' };

/**
 * Reads the header of an image. Of most JPEGs without the decoder, for which an image would wait twice: to be opened and to be
 * decoded. @throws Error of the decoder
 */
export async function readImageHeader(bytes: Uint8Array, format: ImageFormat): Promise<ImageHeader> {
  const header = format === 'jpeg' ? readJpegHeader(bytes) : undefined;
  return header ?? (await sharp(bytes, { limitInputPixels: false }).metadata());
}

/**
 * Reads what libvips would say of a JPEG, where that is certain: 8 bits, one or three components, one frame, no Exif, nothing
 * between the segments. Undefined where it is not.
 */
function readJpegHeader(bytes: Uint8Array): ImageHeader | undefined {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | undefined;
  let offset = 2;
  while (offset + 4 <= jpeg.length && jpeg[offset] === 0xff) {
    const marker = jpeg.readUInt8(offset + 1);
    const end = offset + 2 + jpeg.readUInt16BE(offset + 2);
    const segment = jpeg.subarray(offset + 4, end);
    if (end < offset + 4 || end > jpeg.length) return undefined;
    if (marker === START_OF_SCAN) return frame && toHeader(frame, segment[0]);
    if (FRAMES.has(marker)) {
      if (frame || segment.length < FRAME_BYTES) return undefined;
      frame = readFrame(marker, segment);
    } else if (!OTHER_SEGMENTS.has(marker) || isExif(marker, segment)) return undefined;
    offset = end;
  }
  return undefined;
}

interface Frame {
  readonly isProgressive: boolean;
  readonly bits: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** Of a frame header before its components (ITU T.81, B.2.2) */
const FRAME_BYTES = 6;

function readFrame(marker: number, segment: Buffer): Frame {
  return {
    isProgressive: marker === PROGRESSIVE,
    bits: segment.readUInt8(0),
    height: segment.readUInt16BE(1),
    width: segment.readUInt16BE(3),
    components: segment.readUInt8(5),
  };
}

function toHeader(
  { bits, width, height, components, isProgressive }: Frame,
  scanComponents = 0,
): ImageHeader | undefined {
  const space = SPACES[components];
  const isSizeCertain = Math.min(width, height) > 0 && Math.max(width, height) <= MAX_JPEG_SIDE;
  if (space === undefined || bits !== 8 || !isSizeCertain || scanComponents === 0) return undefined;
  return {
    format: 'jpeg',
    width,
    height,
    space,
    depth: 'uchar',
    hasAlpha: false,
    // A decoder also holds the whole image if a scan has some of the components only.
    isProgressive: isProgressive || scanComponents < components,
    autoOrient: { width, height },
  };
}

/** Exif may say that the picture is turned. */
function isExif(marker: number, segment: Buffer): boolean {
  return marker === APP1 && segment.toString('latin1', 0, 4) === 'Exif';
}
