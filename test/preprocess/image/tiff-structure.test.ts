import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertPlainTiff } from '../../../src/preprocess/image/tiff-structure.ts';
import { drawPanel } from '../../support/images.ts';

const PHOTOMETRIC = 262;
const COMPRESSION = 259;
const SUBFILE_TYPE = 254;

/** Sets a tag of the first directory of a little-endian TIFF that libtiff wrote. */
function withTag(tiff: Buffer, tag: number, value: number): Buffer {
  const copy = Buffer.from(tiff);
  const directory = copy.readUInt32LE(4);
  for (let i = 0; i < copy.readUInt16LE(directory); i++) {
    const offset = directory + 2 + 12 * i;
    if (copy.readUInt16LE(offset) !== tag) continue;
    copy.writeUInt16LE(value, offset + 8);
    return copy;
  }
  throw new Error(`there is no tag ${tag}`);
}

const plain = await drawPanel(1).tiff({ compression: 'none' }).toBuffer();
const jpeg = await drawPanel(1).tiff({ compression: 'jpeg' }).toBuffer();
const big = await drawPanel(1).tiff({ compression: 'none', bigtiff: true }).toBuffer();

describe('the first picture of a TIFF', () => {
  it('is taken in colours that are decoded as they are', async () => {
    for (const bytes of [plain, jpeg, big, await drawPanel(1).greyscale().tiff({ bitdepth: 1 }).toBuffer()]) {
      assertPlainTiff(bytes);
    }
    assertPlainTiff(withTag(jpeg, PHOTOMETRIC, 6));
  });

  it('is refused in YCbCr without JPEG, and in the spaces of raw files', () => {
    const refused = (message: RegExp) => ({ code: 'unsupported_media_type', message });
    assert.throws(() => assertPlainTiff(withTag(plain, PHOTOMETRIC, 6)), refused(/YCbCr/));
    assert.throws(() => assertPlainTiff(withTag(plain, PHOTOMETRIC, 32_803)), refused(/colour space 32803/));
    assert.throws(() => assertPlainTiff(withTag(plain, PHOTOMETRIC, 8)), refused(/colour space 8/));
    assert.throws(() => assertPlainTiff(withTag(withTag(jpeg, PHOTOMETRIC, 6), COMPRESSION, 5)), refused(/YCbCr/));
  });

  it('is refused if it is a thumbnail', () => {
    // Any tag will do: the first one becomes NewSubfileType.
    const copy = Buffer.from(plain);
    const first = copy.readUInt32LE(4) + 2;
    copy.writeUInt16LE(SUBFILE_TYPE, first);
    copy.writeUInt16LE(1, first + 8);
    assert.throws(() => assertPlainTiff(copy), { code: 'unsupported_media_type', message: /thumbnail/ });
  });

  it('is unreadable where it is cut off', () => {
    for (const bytes of [plain, big]) {
      const directory = bytes === big ? Number(bytes.readBigUInt64LE(8)) : bytes.readUInt32LE(4);
      assert.throws(() => assertPlainTiff(bytes.subarray(0, directory + 30)), { code: 'image_unreadable' });
      assert.throws(() => assertPlainTiff(bytes.subarray(0, 6)), { code: 'image_unreadable' });
    }
  });
});
