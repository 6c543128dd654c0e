import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { useTinyService } from '../../support/tiny-service.ts';

const STRANGER = 'https://stranger.example';
const FRIEND = 'https://comics.example.org';

describe('a service of this machine without keys', () => {
  const service = useTinyService({ PANELVEC_CORS_ORIGINS: FRIEND });
  const embed = (headers: Readonly<Record<string, string | undefined>>) =>
    request(service.address)
      .post('/v1/embeddings/text')
      .set({ ...headers })
      .send({ input: 'a cat' });

  it('refuses what a page of another origin would change, and names the header', async () => {
    for (const headers of [
      { origin: STRANGER, 'sec-fetch-site': 'cross-site' },
      { origin: STRANGER, 'sec-fetch-site': 'same-site' },
      { origin: STRANGER },
      { origin: 'null' },
    ]) {
      const { status, body } = await embed(headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.equal(body.error.code, 'origin_forbidden');
      assert.match(body.error.message, /^Origin: /);
    }
  });

  it('takes requests of programs, of its own page and of origins that the settings name', async () => {
    const { host, origin } = new URL(service.address);
    for (const headers of [
      {},
      { origin, 'sec-fetch-site': 'same-origin' },
      { origin, host },
      { origin: FRIEND, 'sec-fetch-site': 'cross-site' },
    ])
      await embed(headers).expect(200);
  });

  it('lets only named origins read responses', async () => {
    const friend = await request(service.address).get('/v1/models').set('origin', FRIEND).expect(200);
    assert.equal(friend.headers['access-control-allow-origin'], FRIEND);
    assert.match(friend.headers['access-control-expose-headers'] ?? '', /x-retry-after-ms/);
    const stranger = await request(service.address).get('/v1/models').set('origin', STRANGER).expect(200);
    assert.equal(stranger.headers['access-control-allow-origin'], undefined);
  });

  it('answers the question that a browser asks before a call', async () => {
    const { headers } = await request(service.address)
      .options('/v1/embeddings/text')
      .set({ origin: FRIEND, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' })
      .expect(204);
    assert.equal(headers['access-control-allow-origin'], FRIEND);
    assert.match(headers['access-control-allow-methods'] ?? '', /POST/);
    assert.equal(headers['access-control-allow-headers'], 'x-api-key');
  });

  it('refuses names that a stranger can point at this machine', async () => {
    for (const host of ['stranger.example', 'stranger.example:8080', 'localhost.stranger.example']) {
      const { status, body } = await request(service.address).get('/v1/models').set('host', host);
      assert.deepEqual([status, body.error?.code], [403, 'origin_forbidden'], host);
    }
    for (const host of ['localhost', 'LOCALHOST:8080', 'panelvec.localhost', 'desk', '127.0.0.1:1', '[::1]:8080'])
      await request(service.address).get('/v1/models').set('host', host).expect(200);
    await request(service.address).get('/health/live').set('host', 'stranger.example').expect(200);
  });
});

describe('a service that is open to everybody on purpose', () => {
  const service = useTinyService({ PANELVEC_ALLOW_ANONYMOUS: '1' });

  it('has whatever name a proxy gives it, and still refuses what pages of other origins would change', async () => {
    const get = request(service.address).get('/v1/models').set('host', 'comics.example.org');
    const { headers } = await get.set('origin', STRANGER).expect(200);
    assert.equal(headers['access-control-allow-origin'], undefined);
    const post = request(service.address).post('/v1/embeddings/text').set('origin', STRANGER).send({ input: 'a cat' });
    await post.expect(403);
  });
});
