import sharp from 'sharp';
import { SeededRandom } from '../util/seeded-random.ts';

/** More than are in progress at a time: a service computes equal pictures once. */
const PICTURES = 64;
/** A panel as pages have them */
const PICTURE_SIZE = { width: 600, height: 450 } as const;
const GRAIN_SIZE = { width: 75, height: 56 } as const;
const JPEG_QUALITY = 85;

/** Draws JPEG files of a coarse grain: a decoder has as much to do with them as with a drawing. */
export function drawPictures(): Promise<Buffer<ArrayBuffer>[]> {
  const random = new SeededRandom(1);
  const { width, height } = GRAIN_SIZE;
  return Promise.all(
    Array.from({ length: PICTURES }, async () => {
      const pixels = Uint8Array.from({ length: 3 * width * height }, () => 256 * random.uniform());
      const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize({ ...PICTURE_SIZE, kernel: 'nearest', fit: 'fill' })
        .jpeg({ quality: JPEG_QUALITY })
        .toBuffer();
      return Buffer.from(jpeg);
    }),
  );
}
