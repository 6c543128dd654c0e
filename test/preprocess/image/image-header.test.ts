import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { readImageHeader } from '../../../src/preprocess/image/image-header.ts';

const picture = sharp({ create: { width: 40, height: 20, channels: 3, background: '#4080c0' } });

const jpegs: Readonly<Record<string, Buffer>> = {
  baseline: await picture.clone().jpeg().toBuffer(),
  progressive: await picture.clone().jpeg({ progressive: true }).toBuffer(),
  '4:4:4': await picture.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
  'of mozjpeg': await picture.clone().jpeg({ mozjpeg: true }).toBuffer(),
  grey: await picture.clone().greyscale().jpeg().toBuffer(),
  CMYK: await picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
  'with a profile': await picture.clone().withIccProfile('p3').jpeg().toBuffer(),
  turned: await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'with Exif': await picture
    .clone()
    .withExif({ IFD0: { Copyright: 'none' } })
    .jpeg()
    .toBuffer(),
};

describe('headers of images', () => {
  for (const [name, jpeg] of Object.entries(jpegs)) {
    it(`says of a JPEG ${name} what the decoder says`, async () => assertAsDecoder(jpeg));
  }

  it('says of a JPEG whose first scan has one component that the decoder holds it whole', async () => {
    const jpeg = Buffer.from(await picture.clone().jpeg().toBuffer());
    const scan = jpeg.indexOf(Buffer.of(0xff, 0xda, 0, 12, 3));
    const oneComponent = Buffer.of(0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0);
    const separate = Buffer.concat([jpeg.subarray(0, scan), oneComponent, jpeg.subarray(scan + 14)]);
    assert.equal((await readImageHeader(separate, 'jpeg')).isProgressive, true);
    await assertAsDecoder(separate);
  });

  it('asks the decoder about bytes between segments, a second frame, and a height that follows', async () => {
    const jpeg = await picture.clone().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    const scan = jpeg.indexOf(Buffer.of(0xff, 0xda));
    const header = jpeg.subarray(frame, frame + 2 + jpeg.readUInt16BE(frame + 2));
    const larger = Buffer.from(header);
    larger.writeUInt16BE(60_000, 5);
    const withoutHeight = Buffer.from(jpeg);
    withoutHeight.writeUInt16BE(0, frame + 5);
    const insert = (index: number, bytes: Buffer) =>
      Buffer.concat([jpeg.subarray(0, index), bytes, jpeg.subarray(index)]);
    for (const [name, bytes] of Object.entries({
      filled: insert(frame, Buffer.of(0xff, 0xff)),
      garbage: insert(frame, Buffer.from('garbage')),
      'second frame': insert(scan, larger),
      'without height': withoutHeight,
      'cut off': jpeg.subarray(0, scan + 3),
      'without a frame': Buffer.concat([jpeg.subarray(0, frame), jpeg.subarray(frame + header.length)]),
    })) {
      await assertAsDecoder(bytes, name);
    }
  });

  it('says of any damaged byte before the first scan what the decoder says, unless the decoder refuses the pixels', async () => {
    const jpeg = await picture.clone().jpeg().toBuffer();
    const scan = jpeg.indexOf(Buffer.of(0xff, 0xda));
    for (let index = 2; index < scan; index++) {
      for (const byte of [0x00, 0xff, (jpeg[index] ?? 0) ^ 1]) {
        const damaged = Buffer.from(jpeg);
        damaged[index] = byte;
        const ours = await readImageHeader(damaged, 'jpeg').catch(() => undefined);
        const decoded = await sharp(damaged)
          .metadata()
          .catch(() => undefined);
        if (decoded && ours) assert.deepEqual(pick(ours), pick(decoded), `byte ${index} as ${byte}`);
        if (decoded) assert.ok(ours, `byte ${index} as ${byte}`);
        // What only the decoder refuses, it refuses again when it decodes.
        else await assert.rejects(sharp(damaged).raw().toBuffer(), `byte ${index} as ${byte}`);
      }
    }
  });
});

async function assertAsDecoder(jpeg: Buffer, name?: string): Promise<void> {
  const header = await readImageHeader(jpeg, 'jpeg').catch(() => undefined);
  const expected = await sharp(jpeg)
    .metadata()
    .catch(() => undefined);
  assert.deepEqual(header && pick(header), expected && pick(expected), name);
}

type Header = Awaited<ReturnType<typeof readImageHeader>>;

function pick(header: Header) {
  const { format, width, height, space, depth, hasAlpha, orientation, isProgressive, autoOrient } = header;
  return { format, width, height, space, depth, hasAlpha, orientation, isProgressive, autoOrient };
}
