import { PanelvecError } from '../../errors.ts';
import { countFrames } from './av1-frames.ts';
import { readItemData } from './avif-item-data.ts';
import { damagedAvif, onlyBox, readBoxes, refusedAvif } from './iso-boxes.ts';

/**
 * Frames of all AV1 images in a file: of the picture, its alpha, a thumbnail, and layers of a progressive file. The decoder
 * decodes them all, and a frame of 16 million pixels can take 200 bytes and 0.3 seconds.
 */
const MAX_FRAMES = 8;
const MAX_SIDE = 65_535;

/** What the items of an AVIF file may be: AV1 images, and data about them. Grids and overlays decode others up to 256 times. */
const ALLOWED_ITEM_TYPES: ReadonlySet<string> = new Set(['av01', 'Exif', 'mime', 'uri ']);

/**
 * Refuses AVIF files that take much longer to decode than their number of pixels tells: pictures put together from others, and
 * ones of many frames. It reads the boxes of the file (ISO 23008-12) and the units of its AV1 data, and no pixel.
 * @throws PanelvecError unsupported_media_type, image_too_large, image_unreadable
 */
export function assertPlainAvif(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    checkItems(file);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw damagedAvif('a box reaches over the end of the file', cause);
  }
}

function checkItems(file: Buffer): void {
  const fileBoxes = [...readBoxes(file)];
  // The short form of the same boxes, which the decoder would prefer.
  if (fileBoxes.some(({ type }) => type === 'mini')) throw refusedAvif('an AVIF image with a short header');
  const meta = onlyBox(fileBoxes, 'meta').subarray(4);
  const boxes = [...readBoxes(meta)];
  const imageIds = readImageIds(onlyBox(boxes, 'iinf'));
  checkProperties(onlyBox(boxes, 'iprp'));
  const idat = boxes.find(({ type }) => type === 'idat')?.content;
  let frames = 0;
  for (const data of readItemData(onlyBox(boxes, 'iloc'), imageIds, file, idat)) frames += countFrames(data);
  if (frames > MAX_FRAMES) throw refusedAvif(`an AVIF image of ${frames} frames`);
}

/** The ids of the AV1 images. */
function readImageIds(iinf: Buffer): ReadonlySet<number> {
  const ids = new Set<number>();
  const seen = new Set<number>();
  for (const { type, content } of readBoxes(iinf.subarray(iinf[0] === 0 ? 6 : 8))) {
    const version = content.readUInt8(0);
    if (type !== 'infe' || version < 2) throw damagedAvif('it has an unknown entry of items');
    const id = version === 2 ? content.readUInt16BE(4) : content.readUInt32BE(4);
    const typeOffset = version === 2 ? 8 : 10;
    const itemType = content.toString('latin1', typeOffset, typeOffset + 4);
    if (!ALLOWED_ITEM_TYPES.has(itemType)) throw refusedAvif(`an AVIF image with an item of the type "${itemType}"`);
    if (seen.has(id)) throw damagedAvif('it has two items of one id');
    seen.add(id);
    if (itemType === 'av01') ids.add(id);
  }
  return ids;
}

function checkProperties(iprp: Buffer): void {
  for (const { type, content } of readBoxes(onlyBox(readBoxes(iprp), 'ipco'))) {
    if (type === 'ispe' && Math.max(content.readUInt32BE(4), content.readUInt32BE(8)) > MAX_SIDE) {
      throw new PanelvecError('image_too_large', `the image has a side of over ${MAX_SIDE} pixels`);
    }
    if (type === 'av1C' && countFrames(content.subarray(4)) > 0)
      throw refusedAvif('an AVIF image with frames in its header');
  }
}
