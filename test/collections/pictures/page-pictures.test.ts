import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { PagePictures, type PictureRequest, readOptionsOf } from '../../../src/collections/pictures/page-pictures.ts';
import { listMembers } from '../../../src/datasets/archives/zip-members.ts';
import { makeZip } from '../../support/make-zip.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'panelvec-pictures-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const roots = path.join(folder, 'roots');
const outside = path.join(folder, 'outside.png');
const pixels = 1000 * 2000;
const pictures = new PagePictures({
  dataRoots: [roots],
  imageLimits: { maxImageBytes: 2 ** 20, maxImagePixels: pixels, maxStripPixels: 2 * pixels },
  decodeThreads: 1,
  isBusy: () => isBusy(),
});
let isBusy = () => false;
const { signal } = new AbortController();

/** A blue page with a red panel */
const BOX = [100, 300, 400, 200];
async function drawPage(width = 800, height = 1200): Promise<Buffer> {
  const [left = 0, top = 0, panelWidth = 0, panelHeight = 0] = BOX;
  const create = { width: panelWidth, height: panelHeight, channels: 3, background: '#e00000' } as const;
  const panel = await sharp({ create }).png().toBuffer();
  return sharp({ create: { width, height, channels: 3, background: '#0000e0' } })
    .composite([{ input: panel, left, top }])
    .png()
    .toBuffer();
}
const page = await drawPage();

let count = 0;
function save(bytes: Uint8Array, extension = 'png'): string {
  const file = path.join(roots, `page-${count++}.${extension}`);
  writeFileSync(file, bytes);
  return file;
}
function request(file: string, fields: Partial<PictureRequest> = {}): PictureRequest {
  return { image: { path: file }, readOptions: {}, box: BOX, maxWidth: undefined, ...fields };
}
async function load(picture: PictureRequest) {
  return (await pictures.find(picture)).load(signal);
}
mkdirSync(roots);
writeFileSync(outside, page);

describe('the picture of a panel', () => {
  it('is its crop as a JPEG, as wide as it is or as it was asked for, and never wider', async () => {
    const file = save(page);
    for (const [maxWidth, size] of [
      [undefined, [400, 200]],
      [160, [160, 80]],
      [640, [400, 200]],
    ] as const) {
      const { bytes, mediaType } = await load(request(file, { maxWidth }));
      assert.equal(mediaType, 'image/jpeg');
      const { width, height, format } = await sharp(bytes).metadata();
      assert.deepEqual([format, width, height], ['jpeg', ...size]);
      const { channels } = await sharp(bytes).stats();
      assert.ok((channels[0]?.min ?? 0) > 200 && (channels[2]?.max ?? 255) < 30, 'only the red panel is in it');
    }
  });

  it('is cut out of the upright page', async () => {
    // Orientation 6: the stored picture is turned by 90 degrees to the right to be seen.
    const stored = await sharp(page).rotate(270).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { bytes } = await load(request(save(stored, 'jpg')));
    const { channels } = await sharp(bytes).stats();
    assert.ok((channels[0]?.mean ?? 0) > 200 && (channels[2]?.mean ?? 255) < 30);
    assert.deepEqual(await pictures.findSize(request(save(stored, 'jpg'))), { width: 800, height: 1200 });
  });

  it('is cut out of a page in an archive, until the archive has another', async () => {
    const book = save(makeZip([{ name: '1.png', content: page, isStored: true }]), 'cbz');
    const handle = await open(book);
    const [member] = await listMembers(handle, null);
    await handle.close();
    assert.ok(member);
    const picture = request(book, { image: { path: book, member } });
    assert.equal((await sharp((await load(picture)).bytes).metadata()).width, 400);
    writeFileSync(book, makeZip([{ name: '1.png', content: await drawPage(900), isStored: true }]));
    await assert.rejects(load(picture), { code: 'picture_missing', message: /archive has changed/ });
  });

  it('is made of a page with more pixels than are decoded at a time', async () => {
    const strip = request(save(await drawPage(800, 4000)));
    assert.equal((await sharp((await load(strip)).bytes).metadata()).width, 400);
    const whole = await load({ ...strip, box: null, maxWidth: 160 });
    const { width, height } = await sharp(whole.bytes).metadata();
    assert.deepEqual([width, height], [160, 800]);
  });
});

describe('the picture of a page', () => {
  it('is the file itself where no width is given, and a smaller JPEG where one is', async () => {
    const file = save(page);
    const whole = await load(request(file, { box: null }));
    assert.deepEqual([whole.mediaType, whole.bytes.equals(page)], ['image/png', true]);
    const small = await load(request(file, { box: null, maxWidth: 320 }));
    const { width, height, format } = await sharp(small.bytes).metadata();
    assert.deepEqual([small.mediaType, format, width, height], ['image/jpeg', 'jpeg', 320, 480]);
  });

  it('is a JPEG where browsers do not show the format of the file', async () => {
    const { mediaType } = await load(request(save(await sharp(page).tiff().toBuffer(), 'tif'), { box: null }));
    assert.equal(mediaType, 'image/jpeg');
  });
});

describe('a picture that cannot be shown', () => {
  const missing = { code: 'picture_missing' };
  const unreadable = { code: 'picture_unreadable' };

  it('says that its file is gone or outside of the data roots, also where it was shown before', async () => {
    const file = save(page);
    await load(request(file));
    renameSync(file, `${file}.moved`);
    await assert.rejects(load(request(file)), missing);
    assert.equal(await pictures.findSize(request(file)), null);
    await assert.rejects(load(request(outside)), { ...missing, message: /leads outside/ });
    const link = path.join(roots, 'link.png');
    symlinkSync(outside, link);
    await assert.rejects(load(request(link)), missing);
    await assert.rejects(load(request(roots)), missing);
  });

  it('says that its file is no image, or is damaged, and never sends what is no image', async () => {
    const jpeg = await sharp(page).jpeg().toBuffer();
    const truncated = save(jpeg.subarray(0, jpeg.length - 800), 'jpg');
    await assert.rejects(load(request(truncated)), { ...unreadable, message: /truncated/ });
    assert.ok(await load(request(truncated, { readOptions: { tolerant: true } })));
    for (const box of [BOX, null]) {
      await assert.rejects(load(request(save(Buffer.from('<svg onload="alert(1)"/>')), { box })), unreadable);
      await assert.rejects(load(request(save(Buffer.alloc(0)), { box })), unreadable);
      await assert.rejects(load(request(save(Buffer.alloc(2 ** 20 + 1)), { box })), unreadable);
    }
  });

  it('says that the page is another by now, if the panel would lie outside of it', async () => {
    const small = await sharp({ create: { width: 90, height: 90, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    await assert.rejects(load(request(save(small))), { ...unreadable, message: /outside the page/ });
  });

  it('is refused where too many wait already, and else made once for all', async () => {
    const found = await pictures.find(request(save(page), { maxWidth: 160 }));
    const results = await Promise.allSettled(Array.from({ length: 600 }, () => found.load(signal)));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.bytes] : []));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    assert.deepEqual([made.length, new Set(made).size], [512, 1]);
    assert.deepEqual([errors.length, new Set(errors)], [88, new Set(['queue_full'])]);
  });

  it('waits while panels are embedded, but not for ever', async () => {
    let checks = 0;
    isBusy = () => ++checks < 3;
    await load(request(save(page)));
    assert.equal(checks, 3);
    isBusy = () => true;
    await load(request(save(page)));
    isBusy = () => false;
  });

  it('is not begun for a client that has gone', async () => {
    const { load: loadPicture } = await pictures.find(request(save(page)));
    await assert.rejects(loadPicture(AbortSignal.abort()), { code: 'request_cancelled' });
  });
});

describe('the ETag of a picture', () => {
  it('differs by what is asked for, and as soon as the file is another', async () => {
    const file = save(page);
    const etag = async (fields: Partial<PictureRequest> = {}) => (await pictures.find(request(file, fields))).etag;
    const first = await etag();
    assert.match(first, /^"[\w-]+"$/);
    assert.equal(await etag(), first);
    const others = [await etag({ maxWidth: 160 }), await etag({ box: null }), await etag({ box: [0, 0, 9, 9] })];
    utimesSync(file, 1, 1);
    others.push(await etag());
    assert.equal(new Set([first, ...others]).size, 5);
  });
});

describe('how a dataset has its images read', () => {
  it('is in the source of its collection', () => {
    assert.deepEqual(readOptionsOf({ source: { dataset: { images: { tolerant: true } } } }), { tolerant: true });
    assert.deepEqual(readOptionsOf({ source: { store: 'name' } }), { tolerant: false });
  });
});
