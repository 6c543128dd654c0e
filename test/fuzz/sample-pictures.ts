import sharp from 'sharp';
import { drawPanel } from '../support/images.ts';
import { makeAvif, readAv1Image } from '../support/make-avif.ts';
import { makePng } from '../support/make-png.ts';
import { makeWebpAnimation } from '../support/make-webp.ts';

const TOO_MANY_FRAMES = 20_000;

export interface SamplePicture {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A picture of every format that the service reads, of some that it refuses, and some that are much larger than they look. */
export async function makeSamplePictures(): Promise<readonly SamplePicture[]> {
  const panel = (number: number, width?: number, height?: number) => drawPanel(number, width, height);
  const samples: readonly (readonly [name: string, type: string, bytes: Promise<Buffer> | Buffer])[] = [
    ['baseline JPEG', 'image/jpeg', panel(1).jpeg().toBuffer()],
    ['progressive JPEG', 'image/jpeg', panel(2, 300, 200).jpeg({ progressive: true }).toBuffer()],
    ['grey JPEG', 'image/jpeg', panel(3).greyscale().jpeg().toBuffer()],
    ['CMYK JPEG', 'image/jpeg', panel(4).toColourspace('cmyk').jpeg().toBuffer()],
    ['turned JPEG', 'image/jpeg', panel(5).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    ['PNG', 'image/png', panel(6).png().toBuffer()],
    ['PNG with a palette', 'image/png', panel(7).png({ palette: true }).toBuffer()],
    ['interlaced PNG', 'image/png', panel(8).png({ progressive: true }).toBuffer()],
    ['PNG of 16 bits', 'image/png', panel(9).toColourspace('rgb16').png().toBuffer()],
    ['PNG with alpha', 'image/png', panel(10).ensureAlpha(0.5).png().toBuffer()],
    ['WebP', 'image/webp', panel(11).webp().toBuffer()],
    ['lossless WebP', 'image/webp', panel(12).webp({ lossless: true }).toBuffer()],
    ['animated WebP', 'image/webp', makeAnimation()],
    ['WebP with too many frames', 'image/webp', makeWebpAnimation(TOO_MANY_FRAMES)],
    ['AVIF', 'image/avif', panel(13).avif({ effort: 0 }).toBuffer()],
    ['AVIF of 10 bits', 'image/avif', panel(14).avif({ effort: 0, bitdepth: 10 }).toBuffer()],
    ['AVIF that is a grid', 'image/avif', makeAvifGrid()],
    ['GIF', 'image/gif', panel(15).gif().toBuffer()],
    ['TIFF', 'image/tiff', panel(16).tiff().toBuffer()],
    ['SVG', 'image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['blank PNG of 24 million pixels', 'image/png', makeBlank(6000, 4000)],
    ['blank PNG of 400 million pixels', 'image/png', makeBitmap(20_000, 20_000)],
    ['blank PNG with few rows of many', 'image/png', makeBitmap(30_000, 1000, 10)],
  ];
  return Promise.all(samples.map(async ([name, type, bytes]) => ({ name, type, bytes: await bytes })));
}

function makeAnimation(): Promise<Buffer> {
  const frames = sharp({ create: { width: 40, height: 120, channels: 3, background: '#a0522d' } });
  return frames.webp({ loop: 0, delay: [100, 100, 100] }).toBuffer();
}

async function makeAvifGrid(): Promise<Buffer> {
  const tile = await drawPanel(17, 64, 64).avif({ effort: 0 }).toBuffer();
  const grid = { rows: 16, columns: 16, width: 1024, height: 1024 };
  return makeAvif({ width: 64, height: 64, image: readAv1Image(tile), grid });
}

function makeBlank(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** A PNG with one bit for each pixel. */
function makeBitmap(width: number, height: number, rows = height): Buffer {
  return makePng({ width, height, bitDepth: 1, colourType: 0, rows: Buffer.alloc(Math.ceil(width / 8) * rows, 0xff) });
}
