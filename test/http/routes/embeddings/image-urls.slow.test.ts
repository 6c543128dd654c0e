import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import request from 'supertest';
import { ImageHost } from '../../../support/image-host.ts';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { assertRefused } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';
import { waitFor } from '../../../support/wait-for.ts';

const host = await ImageHost.start();
const png = await drawPngPanel(1);
const origin = `http://127.0.0.1:${host.port}`;
const service = useTinyService({
  PANELVEC_IMAGE_URL_HOSTS: origin,
  PANELVEC_MAX_ITEMS: '20',
  PANELVEC_MAX_IMAGE_BYTES: '100000',
  PANELVEC_MAX_BODIES_BYTES: '150000',
});
const off = useTinyService();
const servePng = () => {
  host.respond = (_, response) => response.end(png);
};
afterEach(() => {
  host.requests.length = 0;
});
after(() => host[Symbol.asyncDispose]());

const post = (call: string, body: object, address = service.address) => request(address).post(call).send(body);

/** The calls that take pictures, with the field that names one */
const CALLS: readonly (readonly [string, string, (image: string) => object])[] = [
  ['/v1/embeddings/image', 'input', (image) => ({ input: image })],
  ['/v1/embeddings/image', 'input[0]', (image) => ({ input: [image] })],
  ['/v1/embeddings/panel', 'input[0].image', (image) => ({ input: [{ image, text: 'a cat' }] })],
  ['/v1/embeddings/page', 'image', (image) => ({ image, panels: [{ bbox: [1, 1, 50, 50] }] })],
  ['/v1/embeddings/page', 'pages[0].image', (image) => ({ pages: [{ image, panels: [{ bbox: [1, 1, 50, 50] }] }] })],
  ['/v1/zero-shot', 'images[0]', (image) => ({ labels: ['a cat', 'a dog'], images: [image] })],
];

describe('a URL in place of a data URI', () => {
  for (const [call, field, toBody] of CALLS) {
    it(`gives the same response: ${field} of ${call}`, async () => {
      servePng();
      const expected = await post(call, toBody(toDataUri(png)));
      assert.equal(expected.status, 200, expected.text);
      const response = await post(call, toBody(`${origin}/a.png`));
      assert.equal(response.status, 200, response.text);
      assert.deepEqual(response.body, expected.body);
    });

    it(`has errors that name its field: ${field} of ${call}`, async () => {
      const notListed = await post(call, toBody('https://images.example.org/a.png'));
      assertRefused(notListed, 400, 'image_url_refused', field);
      const refused = await post(call, toBody(`${origin}/a.png`), off.address);
      assertRefused(refused, 400, 'image_url_refused', field);
      assert.match(refused.text, /PANELVEC_IMAGE_URL_HOSTS/);
      host.respond = (_, response) => response.writeHead(404).end();
      assertRefused(await post(call, toBody(`${origin}/a.png`)), 424, 'image_fetch_failed', field);
      host.respond = (_, response) => response.end('<html>secret</html>');
      const page = await post(call, toBody(`${origin}/a.png`));
      assertRefused(page, 415, 'unsupported_media_type', field);
      assert.doesNotMatch(page.text, /secret/);
      host.respond = (_, response) => response.end(Buffer.alloc(100_001));
      assertRefused(await post(call, toBody(`${origin}/a.png`)), 413, 'image_too_large', field);
    });
  }

  it('is decided by its bytes, whatever type the host says', async () => {
    host.respond = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(png);
    await post('/v1/embeddings/image', { input: `${origin}/a` }).expect(200);
  });

  it('is fetched once where a request has it twice, beside data URIs', async () => {
    servePng();
    const url = `${origin}/a.png`;
    const { body } = await post('/v1/embeddings/image', { input: [url, toDataUri(png), url] }).expect(200);
    assert.equal(host.requests.length, 1);
    for (const { embedding } of body.data) assert.deepEqual(embedding, body.data[0].embedding);
  });

  it('is fetched only when nothing else is wrong', async () => {
    servePng();
    const image = `${origin}/a.png`;
    const panels = [{ bbox: [1, 1, 50, 50] }, { bbox: [1, 1, 50, 50], box_2d: [1, 1, 500, 500] }];
    await post('/v1/embeddings/page', {
      pages: [
        { image, panels: [] },
        { image, panels },
      ],
    }).expect(400);
    await post('/v1/embeddings/image', { input: image, model: 'unknown' }).expect(404);
    await post('/v1/embeddings/image', { input: new Array(21).fill(image) }).expect(413);
    await post('/v1/zero-shot', { labels: [], images: [image] }).expect(400);
    const blank = await post('/v1/zero-shot', { labels: ['a cat', ' '], images: [image] });
    assertRefused(blank, 400, 'invalid_request', 'labels[1]');
    const notDecoded = await post('/v1/embeddings/panel', { input: [{ image }, { image: 'data:image/png;base64,?' }] });
    assertRefused(notDecoded, 400, 'invalid_request', 'input[1].image');
    const noText = await post('/v1/embeddings/panel', { input: [{ image }], outputs: ['text'] });
    assertRefused(noText, 400, 'invalid_request', 'outputs');
    assert.equal(host.requests.length, 0);
  });

  it('is no name of a part in a form', async () => {
    servePng();
    const form = request(service.address).post('/v1/embeddings/panel');
    const response = await form.field('request', JSON.stringify({ input: [{ image: `${origin}/a.png` }] }));
    assertRefused(response, 400, 'invalid_request', 'input[0].image');
    assert.match(response.text, /no URL/);
    assert.equal(host.requests.length, 0);
  });
});

describe('pictures that are fetched', () => {
  it('count like bytes of bodies, and give them back', async () => {
    host.respond = (_, response) => response.end(Buffer.concat([png, Buffer.alloc(90_000 - png.byteLength)]));
    const input = [1, 2, 3].map((number) => `${origin}/${number}.png`);
    const response = await post('/v1/embeddings/image', { input });
    assert.equal(response.status, 429, response.text);
    assert.equal(response.body.error.code, 'queue_full');
    for (let i = 0; i < 3; i++) await post('/v1/embeddings/image', { input: input[0] }).expect(200);
  });

  it('are fetched eight at a time for one request, and none after one has failed', async () => {
    host.respond = (_, response) => response.flushHeaders();
    const input = Array.from({ length: 20 }, (_, i) => `${origin}/${i}.png`);
    const responding = post('/v1/embeddings/image', { input }).then((response) => response);
    const [first] = await waitFor('eight requests', () => (host.requests.length >= 8 ? host.requests : undefined));
    first?.socket.destroy();
    assertRefused(await responding, 424, 'image_fetch_failed', 'input[0]');
    await waitFor('the connections to close', () => host.sockets.size === 0);
    assert.equal(host.requests.length, 8);
  });

  it('are given up when the client leaves or its deadline passes', async () => {
    host.respond = (_, response) => response.flushHeaders();
    const controller = new AbortController();
    const body = JSON.stringify({ input: `${origin}/a.png` });
    const options = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    const calling = fetch(`${service.address}/v1/embeddings/image`, { ...options, signal: controller.signal });
    await waitFor('the request', () => host.requests.length === 1);
    controller.abort();
    await assert.rejects(calling, { name: 'AbortError' });
    await waitFor('the connection to close', () => host.sockets.size === 0);
    const late = await post('/v1/embeddings/image', { input: `${origin}/a.png` }).set('x-request-timeout-ms', '300');
    assertRefused(late, 504, 'deadline_exceeded', null);
    await waitFor('the connection to close', () => host.sockets.size === 0);
  });

  it('are counted by their outcome', async () => {
    const { text } = await request(service.address).get('/metrics');
    for (const outcome of ['fetched', 'refused', 'failed', 'too_large', 'busy', 'cancelled'])
      assert.match(text, new RegExp(`^panelvec_image_fetch_duration_seconds_count{outcome="${outcome}"} [1-9]`, 'm'));
  });
});
