import sharp from 'sharp';
import type { ImageHeader } from './image-header.ts';

const END_OF_IMAGE = Buffer.of(0xff, 0xd9);
const START_OF_SCAN = 0xda;
const SCAN_MARKER = Buffer.of(0xff, START_OF_SCAN);
/** The rows of two units of a JPEG scan at most: blocks of eight, four of them on top of each other. */
const LAST_ROWS = 64;
/** Bytes that would continue the pixels differently. */
const CONTINUATIONS = [0x00, 0x55, 0xaa].map((byte) => Buffer.alloc(64, byte));

/**
 * The bytes of a JPEG with its end marker. Some programs lose the last bytes of a file; if these were only the marker, all pixels
 * are there.
 * @returns `truncated` if pixels are missing
 */
export async function completeJpeg(bytes: Uint8Array, size: ImageHeader): Promise<Uint8Array | 'truncated'> {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (jpeg.subarray(-2).equals(END_OF_IMAGE)) return jpeg;
  // Something else may follow the marker, even another JPEG. In compressed data there are no markers.
  if (jpeg.lastIndexOf(END_OF_IMAGE) > jpeg.lastIndexOf(SCAN_MARKER)) return jpeg;
  const lastRows = await decodeLastRows(jpeg, size, 'error').catch(() => undefined);
  if (lastRows) return jpeg;
  const withoutMarker = jpeg.at(-1) === 0xff ? jpeg.subarray(0, -1) : jpeg;
  const completed = Buffer.concat([withoutMarker, END_OF_IMAGE]);
  const isComplete = hasAllScans(withoutMarker) && (await hasAllPixels(withoutMarker, completed, size));
  return isComplete ? completed : 'truncated';
}

/**
 * Whether the last scan is complete. The decoder warns of an early end, except in the last rows. If these are complete it does
 * not read what follows; if not, what follows becomes pixels, and other bytes other pixels.
 */
async function hasAllPixels(jpeg: Buffer, completed: Buffer, size: ImageHeader): Promise<boolean> {
  try {
    const expected = await decodeLastRows(completed, size, 'warning');
    for (const continuation of CONTINUATIONS) {
      const continued = Buffer.concat([jpeg, continuation, END_OF_IMAGE]);
      if (!expected.equals(await decodeLastRows(continued, size, 'none'))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function decodeLastRows(
  jpeg: Buffer,
  { width, height }: ImageHeader,
  failOn: 'warning' | 'error' | 'none',
): Promise<Buffer> {
  const rows = Math.min(height, LAST_ROWS);
  return sharp(jpeg, { failOn, limitInputPixels: false, ignoreIcc: true })
    .extract({ left: 0, top: height - rows, width, height: rows })
    .raw()
    .toBuffer();
}

/** Whether every coefficient of every component has been sent to its last bit: a progressive JPEG sends them in many scans. */
function hasAllScans(jpeg: Buffer): boolean {
  const missingBits = new Map<number, Uint8Array>();
  let offset = 2;
  while (offset + 4 <= jpeg.length) {
    const marker = jpeg.readUInt8(offset + 1);
    // In compressed data 0xff is followed by 0, or by the number of a restart.
    if (jpeg[offset] !== 0xff || marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)) {
      const next = jpeg.indexOf(0xff, offset + 1);
      if (next < 0) break;
      offset = next;
      continue;
    }
    const segment = jpeg.subarray(offset + 4, offset + 2 + jpeg.readUInt16BE(offset + 2));
    if (isFrameHeader(marker))
      for (const id of frameComponents(segment)) missingBits.set(id, new Uint8Array(64).fill(1));
    if (marker === START_OF_SCAN) recordScan(segment, missingBits);
    offset += 4 + segment.length;
  }
  return missingBits.size > 0 && [...missingBits.values()].every((bits) => bits.every((count) => count === 0));
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function frameComponents(segment: Buffer): number[] {
  const count = segment[5] ?? 0;
  return Array.from({ length: count }, (_, i) => segment[6 + 3 * i] ?? -1);
}

/** The bits that are missing after a scan of some components and coefficients (ITU T.81, B.2.3). */
function recordScan(segment: Buffer, missingBits: ReadonlyMap<number, Uint8Array>): void {
  const count = segment[0] ?? 0;
  const [first = 0, last = -1, bitPositions = 0] = segment.subarray(1 + 2 * count);
  for (let i = 0; i < count; i++) {
    missingBits.get(segment[1 + 2 * i] ?? -1)?.fill(bitPositions & 15, first, last + 1);
  }
}
