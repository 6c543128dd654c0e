import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { openImage } from '../../../src/preprocess/image/open-image.ts';
import { assertFewWebpFrames } from '../../../src/preprocess/image/webp-structure.ts';

const LIMITS = { maxImageBytes: 2 ** 24, maxImagePixels: 2 ** 20 };
const SIDE = 16;
const CANVAS = Buffer.of(2, 0, 0, 0, SIDE - 1, 0, 0, SIDE - 1, 0, 0);
const FRAME_HEADER = Buffer.of(0, 0, 0, 0, 0, 0, SIDE - 1, 0, 0, SIDE - 1, 0, 0, 10, 0, 0, 0);

/** libvips writes no animation of so many frames within a second. */
async function makeAnimation(frames: number): Promise<Buffer> {
  const still = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: '#c00' } })
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

describe('the frames of a WebP', () => {
  it('may be many', async () => {
    const { width, height } = await openImage(await makeAnimation(5000), LIMITS);
    assert.deepEqual([width, height], [SIDE, SIDE]);
  });

  it('are not so many that they take long to open', async () => {
    await assert.rejects(openImage(await makeAnimation(5001), LIMITS), {
      code: 'image_too_large',
      message: 'the image has over 5000 frames',
    });
  });

  it('are counted as far as a damaged file goes', async () => {
    const animation = await makeAnimation(3);
    for (let length = 12; length < animation.length; length++) assertFewWebpFrames(animation.subarray(0, length));
    animation.writeUInt32LE(0xffffffff, 16);
    assertFewWebpFrames(animation);
  });
});
