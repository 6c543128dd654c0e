import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type KeyLimits, NO_LIMITS } from '../../../src/access/key-limits.ts';
import { createKey } from '../../../src/access/key-records.ts';
import type { RunningService } from '../../../src/http/server.ts';
import { startPostgres, type TestDatabase } from '../../support/databases.ts';
import { drawPngPanel } from '../../support/images.ts';
import { startService } from '../../support/in-process-service.ts';
import { useKeyedService } from '../../support/keyed-service.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Begins early enough in a minute of the clock for what a test does in it. */
async function waitForTimeInMinute() {
  await waitFor('the next minute', () => Date.now() % 60_000 < 50_000);
}

describe('the limits of keys', () => {
  const service = useKeyedService();
  const embed = (key: string, input: string | string[] = 'a text') =>
    request(service.address).post('/v1/embeddings').auth(key, { type: 'bearer' }).send({ input });
  const makeLimitedKey = async (limits: Partial<KeyLimits>) =>
    (await service.makeKey(['embed', 'search'], { name: 'limited', limits })).key;
  const readLimited = async (reason: string) => {
    const { text } = await request(service.address).get('/metrics').auth(service.keyOf.admin, { type: 'bearer' });
    return Number(new RegExp(`panelvec_limited_total{reason="${reason}"} (\\d+)`).exec(text)?.[1] ?? 0);
  };

  it('refuses requests over those of a minute, and says how many are left', async () => {
    await waitForTimeInMinute();
    const key = await makeLimitedKey({ requestsPerMinute: 2 });
    const first = await embed(key).expect(200);
    assert.equal(first.headers['x-ratelimit-limit'], '2');
    assert.equal(first.headers['x-ratelimit-remaining'], '1');
    await request(service.address).get('/v1/models').auth(key, { type: 'bearer' }).expect(200);
    const refused = await embed(key).expect(429);
    assert.equal(refused.body.error.code, 'rate_limited');
    assert.equal(refused.body.error.type, 'rate_limit_error');
    const retryAfter = Number(refused.headers['retry-after']);
    assert.ok(retryAfter > 0 && retryAfter <= 60);
    assert.equal(await readLimited('requests'), 1);
    // Neither its other calls nor other keys suffer.
    await request(service.address).get('/health').auth(key, { type: 'bearer' }).expect(200);
    const { headers } = await embed(service.keyOf.embed).expect(200);
    assert.equal(headers['x-ratelimit-limit'], undefined);
  });

  it('refuses requests beyond those at the same time, and takes them again when others have ended', async () => {
    const key = await makeLimitedKey({ maxConcurrent: 1 });
    // A body that is not complete keeps its request open.
    const open = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"input"')),
    });
    const pending = fetch(`${service.address}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
      duplex: 'half',
      signal: open.signal,
    } as RequestInit);
    const refused = await waitFor('a refusal', async () => {
      const response = await embed(key);
      return response.status === 429 ? response : undefined;
    });
    assert.equal(refused.body.error.code, 'rate_limited');
    assert.equal(refused.headers['retry-after'], '1');
    open.abort();
    await assert.rejects(pending);
    await waitFor('the end of the request', async () => (await embed(key)).status === 200);
    assert.ok((await readLimited('concurrent')) >= 1);
  });

  it('counts panels and texts of all calls, and not those of requests that fail', async () => {
    const key = await makeLimitedKey({ panelsPerDay: 6 });
    const bearer = { type: 'bearer' } as const;
    const png = await drawPngPanel(1);
    await embed(key, ['one', 'two']).expect(200);
    await embed(key, ['three', '']).expect(400);
    await request(service.address)
      .post('/v1/embeddings/image')
      .auth(key, bearer)
      .attach('image', png, 'one.png')
      .expect(200);
    const page = { image: `data:image/png;base64,${png.toString('base64')}`, panels: [{ bbox: [0, 0, 9, 9] }] };
    await request(service.address).post('/v1/embeddings/page').auth(key, bearer).send(page).expect(200);
    // Two are left.
    const refused = await embed(key, ['a', 'b', 'c']).expect(429);
    assert.equal(refused.body.error.code, 'quota_exceeded');
    assert.match(refused.body.error.message, /2 left/);
    assert.ok(Number(refused.headers['retry-after']) <= 86_400);
    await embed(key, ['a', 'b']).expect(200);
    await embed(key, 'a').expect(429);
    await request(service.address).get('/v1/models').auth(key, bearer).expect(200);
    assert.equal(await readLimited('panels'), 2);
  });
});

describe('two services of one database', () => {
  let server: TestDatabase;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  const services: RunningService[] = [];
  before(async () => {
    [server, tiny] = await Promise.all([startPostgres(), makeTinyModel()]);
    const environment = { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', DATABASE_URL: server.url ?? '' };
    for (const _ of [1, 2]) services.push(await startService(environment));
  });
  after(async () => {
    for (const service of services) await service.close();
    await tiny.remove();
    await server.stop();
  });

  it('share the requests of a minute', async () => {
    await waitForTimeInMinute();
    const limits = { ...NO_LIMITS, requestsPerMinute: 4 };
    const newKey = { name: 'shared', scopes: ['embed'], expiresAt: null, limits } as const;
    const { key } = await (services[0] ?? assert.fail()).services.database.use((database) =>
      createKey(database, newKey),
    );
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const { address } = services[i % 2] ?? assert.fail();
      statuses.push((await request(address).get('/v1/models').auth(key, { type: 'bearer' })).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429, 429, 429]);
  });
});
