import { PanelvecError } from '../../errors.ts';

const TAGS = { newSubfileType: 254, compression: 259, photometric: 262 } as const;
const REDUCED_IMAGE = 1;
const JPEG_COMPRESSION = 7;
const PHOTOMETRIC_YCBCR = 6;
/** White is zero, black is zero, RGB, palette, CMYK, YCbCr */
const DECODED_PHOTOMETRICS: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, PHOTOMETRIC_YCBCR]);

/**
 * Refuses TIFF files whose first picture libvips would decode to other colours, or is a thumbnail. Raw files of cameras are TIFF
 * too. @throws PanelvecError unsupported_media_type, image_unreadable
 */
export function assertPlainTiff(bytes: Uint8Array): void {
  const { newSubfileType = 0, compression = 1, photometric = 1 } = readFirstDirectory(bytes);
  if ((newSubfileType & REDUCED_IMAGE) !== 0) throw refused('whose first picture is a thumbnail');
  if (!DECODED_PHOTOMETRICS.has(photometric)) throw refused(`of the colour space ${photometric}`);
  // libvips converts YCbCr only where it leaves the conversion to the JPEG decoder.
  if (photometric === PHOTOMETRIC_YCBCR && compression !== JPEG_COMPRESSION) throw refused('with YCbCr pixels');
}

type Tags = Partial<Record<keyof typeof TAGS, number>>;

/** Reads the tags that matter, of TIFF and of BigTIFF. */
function readFirstDirectory(bytes: Uint8Array): Tags {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const isLittle = view.getUint16(0) === 0x4949;
    const isBig = view.getUint16(2, isLittle) === 43;
    const readLong = (offset: number) =>
      isBig ? Number(view.getBigUint64(offset, isLittle)) : view.getUint32(offset, isLittle);
    const directory = readLong(isBig ? 8 : 4);
    const count = isBig ? readLong(directory) : view.getUint16(directory, isLittle);
    const entriesOffset = directory + (isBig ? 8 : 2);
    const [entryBytes, valueOffset] = isBig ? [20, 12] : [12, 8];
    const values = new Map<number, number>();
    for (let offset = entriesOffset; offset < entriesOffset + count * entryBytes; offset += entryBytes) {
      const [tag, type] = [view.getUint16(offset, isLittle), view.getUint16(offset + 2, isLittle)];
      const value = offset + valueOffset;
      values.set(tag, type === SHORT ? view.getUint16(value, isLittle) : view.getUint32(value, isLittle));
    }
    const entries = Object.entries(TAGS).map(([name, tag]) => [name, values.get(tag)]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PanelvecError('image_unreadable', 'the TIFF file is cut off', { cause });
  }
}

const SHORT = 3;

function refused(what: string): PanelvecError {
  return new PanelvecError('unsupported_media_type', `a TIFF ${what} is not taken: save it as RGB`);
}
