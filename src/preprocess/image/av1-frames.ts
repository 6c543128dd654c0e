import { damagedAvif, refusedAvif } from './iso-boxes.ts';

const OBU_FRAME_HEADER = 3;
const OBU_FRAME = 6;
const OBU_TILE_LIST = 8;

/** The number of frames in AV1 data, from the headers of its units (AV1 specification, 5.3). */
export function countFrames(data: Buffer): number {
  let frames = 0;
  let offset = 0;
  while (offset < data.length) {
    const header = data.readUInt8(offset++);
    // The decoder skips zeros between frames.
    if (header === 0) continue;
    const type = (header >> 3) & 15;
    const hasExtension = (header & 4) !== 0;
    const hasSize = (header & 2) !== 0;
    if (type === OBU_TILE_LIST) throw refusedAvif('an AVIF image with a list of tiles');
    if (type === OBU_FRAME_HEADER || type === OBU_FRAME) frames++;
    if (hasExtension) offset++;
    if (!hasSize) break;
    let size = 0;
    for (let i = 0; i < 8; i++) {
      const byte = data.readUInt8(offset++);
      size += (byte & 127) * 128 ** i;
      if ((byte & 128) === 0) break;
    }
    offset += size;
  }
  if (offset > data.length) throw damagedAvif('its data is cut off');
  return frames;
}
