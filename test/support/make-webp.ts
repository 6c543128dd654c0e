import sharp from 'sharp';

/** Of the square frames */
export const FRAME_SIDE = 16;
const CANVAS = Buffer.of(2, 0, 0, 0, FRAME_SIDE - 1, 0, 0, FRAME_SIDE - 1, 0, 0);
const FRAME_HEADER = Buffer.of(0, 0, 0, 0, 0, 0, FRAME_SIDE - 1, 0, 0, FRAME_SIDE - 1, 0, 0, 10, 0, 0, 0);

/** Writes an animation of one frame, again and again. libvips takes seconds for thousands. */
export async function makeWebpAnimation(frames: number): Promise<Buffer> {
  const still = await sharp({ create: { width: FRAME_SIDE, height: FRAME_SIDE, channels: 3, background: '#c00' } })
    .webp({ lossless: true })
    .toBuffer();
  const frame = encodeChunk('ANMF', Buffer.concat([FRAME_HEADER, still.subarray(12)]));
  const chunks = [encodeChunk('VP8X', CANVAS), encodeChunk('ANIM', Buffer.alloc(6)), ...Array(frames).fill(frame)];
  return encodeChunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));
}

function encodeChunk(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}
