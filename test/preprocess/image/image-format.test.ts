import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { decodeFile } from '../../../src/preprocess/image/decode-image.ts';
import { detectImageFormat } from '../../../src/preprocess/image/image-format.ts';
import { openImage } from '../../../src/preprocess/image/open-image.ts';
import { drawPanel } from '../../support/images.ts';

const LIMITS = { maxImageBytes: 2 ** 22, maxImagePixels: 1_000_000 };

describe('what is sent in place of an image is named', () => {
  const contents: readonly [RegExp, string | Buffer][] = [
    [/Git LFS pointer.*git lfs pull/, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n'],
    [/HTML page/, '\n<!DOCTYPE html><html><body>404</body></html>'],
    [/HTML page/, '\xef\xbb\xbf<html lang="en">'],
    [/HTML page/, '<!-- cached --><HTML>'],
    [/SVG is not taken/, '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    [/XML document/, '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    [/JSON document/, '{"error": "not found"}'],
    [/base64/, '/9j/4AAQSkZJRg'],
    [/base64/, 'data:image/png;base64,iVBORw0KGgo'],
    [/begins with zeros/, Buffer.alloc(5000)],
    [/archive/, 'PK\x03\x04'],
    [/HEIF/, '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    [/JPEG XL/, '\xff\x0a'],
    [/Photoshop/, '8BPS'],
    [/PDF/, '%PDF-1.7'],
    [/no image/, 'hello'],
    [/no image/, '<3 this'],
    [/no image/, Buffer.alloc(3)],
  ];
  for (const [message, content] of contents) {
    it(`${JSON.stringify(String(content).slice(0, 30))}`, () => {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
      assert.throws(() => detectImageFormat(bytes), { code: 'unsupported_media_type', message });
      assert.throws(() => detectImageFormat(bytes), { message: /send JPEG, PNG, WebP or AVIF/ });
    });
  }
});

describe('formats of datasets', () => {
  it('are refused where they are not listed, by their name and with the remedy', async () => {
    const gif = await drawPanel(1).gif().toBuffer();
    const message = /^GIF is not taken: .*a dataset can list it in images.formats/;
    await assert.rejects(openImage(gif, LIMITS), { code: 'unsupported_media_type', message });
    await assert.rejects(openImage(gif, LIMITS, { formats: ['tiff'] }), { code: 'unsupported_media_type' });
  });

  it('give the first frame of a GIF', async () => {
    const frames = [await drawPanel(2).png().toBuffer(), await drawPanel(4).png().toBuffer()];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    assert.equal((await sharp(gif).metadata()).pages, 2);
    const first = await sharp(await drawPanel(2).gif().toBuffer())
      .removeAlpha()
      .raw()
      .toBuffer();
    const file = await openImage(gif, LIMITS, { formats: ['gif'] });
    assert.deepEqual([file.width, file.height], [120, 90]);
    assert.ok(meanDifference((await decodeFile(file)).data, first) < 8);
  });

  for (const [name, make] of Object.entries({
    'of 8 bits': () => drawPanel(2).tiff({ compression: 'lzw' }).toBuffer(),
    'of 16 bits with a profile': () =>
      drawPanel(2).toColourspace('rgb16').withIccProfile('srgb').tiff({ compression: 'lzw' }).toBuffer(),
    'with alpha': () => drawPanel(2).ensureAlpha(0.2).tiff({ compression: 'deflate' }).toBuffer(),
    'in tiles': () => drawPanel(2).tiff({ compression: 'none', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
    'of 64-bit offsets': () => drawPanel(2).tiff({ compression: 'none', bigtiff: true }).toBuffer(),
  })) {
    it(`decode a TIFF ${name}`, async () => {
      const file = await openImage(await make(), LIMITS, { formats: ['tiff'] });
      assert.ok(meanDifference((await decodeFile(file)).data, await drawPanel(2).raw().toBuffer()) < 1);
    });
  }

  it('refuse a TIFF of floating-point numbers', async () => {
    const raw = { width: 4, height: 4, channels: 3 } as const;
    const floats = sharp(new Float32Array(48).fill(0.5), { raw });
    const linear = floats.pipelineColourspace('scrgb').toColourspace('scrgb');
    const bytes = await linear.tiff({ compression: 'none' }).toBuffer();
    assert.equal((await sharp(bytes).metadata()).depth, 'float');
    await assert.rejects(openImage(bytes, LIMITS, { formats: ['tiff'] }), {
      code: 'unsupported_media_type',
      message: /"float": save it with 8 or 16 bits/,
    });
  });

  it('are cut off with an error', async () => {
    for (const format of ['gif', 'tiff'] as const) {
      const bytes = await drawPanel(2).toFormat(format).toBuffer();
      for (const share of [0.05, 0.3, 0.7]) {
        const cut = bytes.subarray(0, Math.max(16, Math.floor(bytes.length * share)));
        const opened = openImage(cut, LIMITS, { formats: [format] }).then(decodeFile);
        await assert.rejects(opened, { code: 'image_unreadable' }, `${share} of ${format}`);
      }
    }
  });
});

function meanDifference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? Number.NaN)), 0) / a.length;
}
