import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../../../src/http/server.ts';
import { drawPanel } from '../../../support/images.ts';
import { startService } from '../../../support/in-process-service.ts';
import { assertRefused } from '../../../support/strict-service.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

const WIDTH = 100;
const HEIGHT = 2000;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let narrow: RunningService;
let wide: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  const settings = { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' };
  narrow = await startService({ ...settings, PANELVEC_MAX_IMAGE_PIXELS: '60000', PANELVEC_MAX_STRIP_PIXELS: '300000' });
  wide = await startService(settings);
});
after(async () => {
  await narrow.close();
  await wide.close();
  await tiny.remove();
});

const strip = await drawPanel(5, WIDTH, HEIGHT).jpeg().toBuffer();
const panels = [
  { bbox: [0, 1700, 100, 300] },
  { bbox: [10, 5.5, 80, 500] },
  { box_2d: [300, 0, 500, 500], panel_number: 3 },
];

function embed(service: RunningService, image: Buffer, boxes: readonly object[]) {
  return request(service.address)
    .post('/v1/embeddings/page')
    .attach('image', image, 'strip.jpg')
    .field('request', JSON.stringify({ panels: boxes }));
}

describe('a page over the limit of pixels', () => {
  it('has the vectors of the same page under the limit', async () => {
    const [actual, expected] = [await embed(narrow, strip, panels), await embed(wide, strip, panels)];
    assert.equal(actual.status, 200, actual.text);
    assert.equal(actual.body.data[0].panel_embeddings.length, 3);
    assert.deepEqual(actual.body.data, expected.body.data);
  });

  it('is refused with the name of the panel that is over the limit itself', async () => {
    const response = await embed(narrow, strip, [...panels, { bbox: [0, 0, 100, 601] }]);
    assertRefused(response, 413, 'image_too_large', 'panels[3].bbox');
  });

  it('is refused over its own limit, and as an image without boxes', async () => {
    const larger = await drawPanel(5, WIDTH, 3001).jpeg().toBuffer();
    assertRefused(await embed(narrow, larger, panels), 413, 'image_too_large', 'image');
    const image = request(narrow.address).post('/v1/embeddings/image').attach('image', strip, 'strip.jpg');
    assertRefused(await image, 413, 'image_too_large', 'image');
  });

  it('is refused if it is damaged, even without panels', async () => {
    assertRefused(await embed(narrow, strip.subarray(0, -100), panels), 400, 'image_unreadable', 'image');
    const png = (await drawPanel(5, WIDTH, HEIGHT).png().toBuffer()).subarray(0, -100);
    assertRefused(await embed(narrow, png, []), 400, 'image_unreadable', 'image');
    assertRefused(await embed(wide, png, []), 400, 'image_unreadable', 'image');
  });
});

describe('images of other kinds', () => {
  it('AVIF has a vector, raw and as a part', async () => {
    const avif = await drawPanel(1).avif().toBuffer();
    const raw = await request(wide.address).post('/v1/embeddings/image').set('content-type', 'image/avif').send(avif);
    assert.equal(raw.status, 200, raw.text);
    const part = await request(wide.address).post('/v1/embeddings/image').attach('image', avif, 'wrong-name.jpg');
    assert.deepEqual(part.body.data, raw.body.data);
  });

  it('a Git LFS pointer is named', async () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n');
    const response = await request(wide.address).post('/v1/embeddings/image').attach('image', pointer, 'a.jpg');
    assertRefused(response, 415, 'unsupported_media_type', 'image');
    assert.match(response.body.error.message, /Git LFS pointer/);
  });
});
