import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { decodeImage, decodeSquare } from '../../../src/preprocess/image/decode-image.ts';
import { ADOBE_RGB, DISPLAY_P3, greyProfile, rgbProfile } from '../../support/icc-profile.ts';
import { withJpegProfile } from '../../support/jpeg-profile.ts';
import { makePng, type PngChunk, profileChunk } from '../../support/make-png.ts';

const LIMITS = { maxImageBytes: 2 ** 22, maxImagePixels: 1_000_000 };
const COLOURS = [
  [230, 30, 30],
  [30, 230, 30],
  [30, 30, 230],
  [128, 128, 128],
  [250, 200, 20],
  [10, 20, 30],
  [0, 0, 0],
  [255, 255, 255],
] as const;

/** The profiles that sharp has built in */
async function builtInProfile(name: 'srgb' | 'p3' | 'cmyk'): Promise<Buffer> {
  const image = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } });
  const bytes = await image
    .toColourspace(name === 'cmyk' ? 'cmyk' : 'srgb')
    .withIccProfile(name)
    .tiff()
    .toBuffer();
  const { icc } = await sharp(bytes).metadata();
  assert.ok(icc);
  return icc;
}

const sRgb = await builtInProfile('srgb');
const RGB_PROFILES = {
  P3: rgbProfile(DISPLAY_P3),
  'Adobe RGB': rgbProfile(ADOBE_RGB),
  'built-in P3': await builtInProfile('p3'),
};
const GREY_PROFILES = { 'grey 1.8': greyProfile(1.8) };
const USELESS_PROFILES = {
  'a CMYK profile': await builtInProfile('cmyk'),
  'a broken profile': Buffer.alloc(300, 'no profile'),
  'a truncated profile': sRgb.subarray(0, 200),
};
const PROFILES = { ...RGB_PROFILES, ...GREY_PROFILES, ...USELESS_PROFILES, sRGB: sRgb };

const widen = (samples: readonly number[]) => samples.flatMap((sample) => [sample, sample]);
const greys = COLOURS.map(([, green]) => green);

function colourPng(bitDepth: 8 | 16, chunks: readonly PngChunk[] = [], alpha: readonly number[] = []): Buffer {
  const samples = COLOURS.flatMap((colour) => [...colour, ...alpha]);
  const rows = Buffer.from(bitDepth === 8 ? samples : widen(samples));
  const colourType = alpha.length > 0 ? 6 : 2;
  return makePng({ width: COLOURS.length, height: 1, bitDepth, colourType, rows, chunks });
}

function greyPng(bitDepth: 8 | 16, chunks: readonly PngChunk[] = [], alpha: readonly number[] = []): Buffer {
  const samples = greys.flatMap((grey) => [grey, ...alpha]);
  const rows = Buffer.from(bitDepth === 8 ? samples : widen(samples));
  const colourType = alpha.length > 0 ? 4 : 0;
  return makePng({ width: COLOURS.length, height: 1, bitDepth, colourType, rows, chunks });
}

function palettePng(bitDepth: 4 | 8, chunks: readonly PngChunk[]): Buffer {
  const rows = Buffer.from(bitDepth === 8 ? [0, 1, 2, 3, 4, 5, 6, 7] : [0x01, 0x23, 0x45, 0x67]);
  const palette = { type: 'PLTE', data: Buffer.from(COLOURS.flat()) };
  return makePng({ width: COLOURS.length, height: 1, bitDepth, colourType: 3, rows, chunks: [...chunks, palette] });
}

async function decodePixels(bytes: Uint8Array): Promise<number[]> {
  return [...(await decodeImage(bytes, LIMITS)).data];
}

describe('a picture with a profile has the same colours in every depth', () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    it(`RGB with ${name}`, async () => {
      const chunks = [profileChunk(profile)];
      const expected = await decodePixels(colourPng(8, chunks));
      for (const [depth, bytes] of Object.entries({
        '16 bits': colourPng(16, chunks),
        '16 bits with alpha': colourPng(16, chunks, [200]),
        'palette of 8 bits': palettePng(8, chunks),
        'palette of 4 bits': palettePng(4, chunks),
      })) {
        assert.deepEqual(await decodePixels(bytes), expected, depth);
      }
    });

    it(`grey with ${name}`, async () => {
      const chunks = [profileChunk(profile)];
      const expected = await decodePixels(greyPng(8, chunks));
      assert.deepEqual(await decodePixels(greyPng(16, chunks)), expected, '16 bits');
      assert.deepEqual(await decodePixels(greyPng(16, chunks, [200])), expected, '16 bits with alpha');
    });
  }

  it('in other formats and spaces', async () => {
    for (const [name, profile] of Object.entries(RGB_PROFILES)) {
      const chunks = [profileChunk(profile)];
      const expected = await decodePixels(colourPng(8, chunks));
      const webp = await sharp(colourPng(16, chunks)).keepIccProfile().webp({ lossless: true }).toBuffer();
      assert.deepEqual(await decodePixels(webp), expected, `WebP with ${name}`);
    }
  });
});

describe('a profile', () => {
  for (const bitDepth of [8, 16] as const) {
    it(`changes the colours of ${bitDepth} bits where it should`, async () => {
      const plain = COLOURS.flat();
      for (const [name, profile] of Object.entries(RGB_PROFILES)) {
        assert.notDeepEqual(await decodePixels(colourPng(bitDepth, [profileChunk(profile)])), plain, name);
      }
      for (const [name, profile] of Object.entries({ ...USELESS_PROFILES, ...GREY_PROFILES, sRGB: sRgb })) {
        assert.deepEqual(await decodePixels(colourPng(bitDepth, [profileChunk(profile)])), plain, name);
      }
    });

    it(`of grey changes greys of ${bitDepth} bits`, async () => {
      const pixels = await decodePixels(greyPng(bitDepth, [profileChunk(greyProfile(1.8))]));
      assert.deepEqual(pixels.slice(9, 12), [146, 146, 146]);
    });
  }

  it('that sharp writes into 16 bits leaves the colours alone', async () => {
    const bytes = await sharp(colourPng(8)).toColourspace('rgb16').withIccProfile('srgb').png().toBuffer();
    assert.equal((await sharp(bytes).metadata()).depth, 'ushort');
    const pixels = await decodePixels(bytes);
    assert.deepEqual(pixels, COLOURS.flat());
  });
});

describe('PNG chunks about colour', () => {
  const gamma = { type: 'gAMA', data: Buffer.of(0, 1, 0x86, 0xa0) };
  const codePoints = { type: 'cICP', data: Buffer.of(12, 13, 0, 1) };
  for (const bitDepth of [8, 16] as const) {
    it(`without a profile are ignored in ${bitDepth} bits, as the original does`, async () => {
      assert.deepEqual(await decodePixels(colourPng(bitDepth, [gamma])), COLOURS.flat());
      assert.deepEqual(await decodePixels(colourPng(bitDepth, [codePoints])), COLOURS.flat());
      const clearColour = {
        type: 'tRNS',
        data: Buffer.from(bitDepth === 8 ? [0, 230, 0, 30, 0, 30] : widen([230, 30, 30])),
      };
      assert.deepEqual(await decodePixels(colourPng(bitDepth, [clearColour])), COLOURS.flat());
    });
  }
});

describe('a CMYK JPEG', () => {
  it('has the same colours without a profile, with the built-in one, and with one that does not fit', async () => {
    const squares = sharp(colourPng(8)).resize({ width: 128, height: 16, kernel: 'nearest', fit: 'fill' });
    const jpeg = await squares.toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer();
    const expected = await decodePixels(jpeg);
    for (const profile of [null, ...Object.values(USELESS_PROFILES).slice(1), sRgb, greyProfile(1.8)]) {
      assert.deepEqual(await decodePixels(withJpegProfile(jpeg, profile)), expected);
    }
  });
});

describe('a whole image with a profile, resized to a square', () => {
  const noise = sharp({
    create: {
      width: 300,
      height: 200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 50 },
    },
  });

  it('is the same, to the bit, in 8 and 16 bits', async () => {
    const bytes = await noise.clone().withIccProfile('p3').png().toBuffer();
    const wide = await sharp(bytes).keepIccProfile().toColourspace('rgb16').png().toBuffer();
    assert.equal((await sharp(wide).metadata()).depth, 'ushort');
    assert.deepEqual(await decodeSquare(wide, 64, LIMITS), await decodeSquare(bytes, 64, LIMITS));
  });
});
