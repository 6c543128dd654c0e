import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openImage } from '../../../src/preprocess/image/open-image.ts';
import { assertFewWebpFrames } from '../../../src/preprocess/image/webp-structure.ts';
import { FRAME_SIDE, makeWebpAnimation } from '../../support/make-webp.ts';

const LIMITS = { maxImageBytes: 2 ** 24, maxImagePixels: 2 ** 20 };

describe('the frames of a WebP', () => {
  it('may be many', async () => {
    const { width, height } = await openImage(await makeWebpAnimation(5000), LIMITS);
    assert.deepEqual([width, height], [FRAME_SIDE, FRAME_SIDE]);
  });

  it('are not so many that they take long to open', async () => {
    await assert.rejects(openImage(await makeWebpAnimation(5001), LIMITS), {
      code: 'image_too_large',
      message: 'the image has over 5000 frames',
    });
  });

  it('are counted as far as a damaged file goes', async () => {
    const animation = await makeWebpAnimation(3);
    for (let length = 12; length < animation.length; length++) assertFewWebpFrames(animation.subarray(0, length));
    animation.writeUInt32LE(0xffffffff, 16);
    assertFewWebpFrames(animation);
  });
});
