import { PanelvecError } from '../../errors.ts';

/** Of `RIFF`, the size of the file, and `WEBP` */
const FILE_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** As a number, because a file may have millions of chunks */
const FRAME_CHUNK = Buffer.from('ANMF').readUInt32LE();
/**
 * libwebp compares each frame with all before it as it opens a file: a thousand take a millisecond, and the 400,000 that fit into
 * 20 MB take ten minutes, before anybody asks for more than the first.
 */
const MAX_FRAMES = 5000;

/** Refuses animations that would take long to open. @throws PanelvecError image_too_large */
export function assertFewWebpFrames(bytes: Uint8Array): void {
  const webp = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frames = 0;
  let offset = FILE_HEADER_BYTES;
  while (offset + CHUNK_HEADER_BYTES <= webp.length) {
    if (webp.readUInt32LE(offset) === FRAME_CHUNK) frames++;
    if (frames > MAX_FRAMES) throw new PanelvecError('image_too_large', `the image has over ${MAX_FRAMES} frames`);
    const contentBytes = webp.readUInt32LE(offset + 4);
    // Chunks begin at even offsets.
    offset += CHUNK_HEADER_BYTES + contentBytes + (contentBytes % 2);
  }
}
