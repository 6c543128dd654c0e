import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import request from 'supertest';
import { revokeKey } from '../../../src/access/key-records.ts';
import { useKeyedService } from '../../support/keyed-service.ts';
import { makeCorpus } from '../../support/make-corpus.ts';
import { assertRefused } from '../../support/strict-service.ts';
import { useTinyService } from '../../support/tiny-service.ts';
import { waitFor } from '../../support/wait-for.ts';

interface Headers {
  readonly authorization?: string;
  readonly 'x-api-key'?: string;
}

const WRONG_KEY = `pv_aaaaaaaaaaaa_${'a'.repeat(43)}`;

describe('a service with keys', () => {
  const service = useKeyedService({ PANELVEC_DATA_ROOTS: tmpdir() });
  const get = (path: string, headers: Headers) =>
    request(service.address)
      .get(path)
      .set({ ...headers });
  /** Sends a request that comes from another address, whose wrong keys are counted apart. */
  const getFrom = (remoteAddress: string, headers: Headers) =>
    service.app.inject({ method: 'GET', url: '/v1/models', remoteAddress, headers: { ...headers } });

  it('takes a key as a bearer token or as x-api-key, or the same one twice', async () => {
    const { embed } = service.keyOf;
    for (const headers of [
      { authorization: `Bearer ${embed}` },
      { authorization: `bearer ${embed}` },
      { 'x-api-key': embed },
      { 'x-api-key': embed, authorization: `Bearer ${embed}` },
      // A proxy may have a password of its own.
      { 'x-api-key': embed, authorization: 'Basic dXNlcjpwYXNz' },
    ])
      await get('/v1/models', headers).expect(200);
  });

  it('refuses a request without a key, and says how to send one', async () => {
    for (const headers of [{}, { authorization: 'Basic dXNlcjpwYXNz' }, { 'x-api-key': '' }]) {
      const response = await get('/v1/models', headers);
      assertRefused(response, 401, 'key_missing', null);
      assert.equal(response.headers['www-authenticate'], 'Bearer');
    }
    const { body } = await get('/v2', {}).expect(401);
    assert.equal(body.code, 'key_missing');
    // A key in an address would be in the logs of every proxy.
    await get(`/v1/models?api_key=${service.keyOf.embed}&key=${service.keyOf.embed}`, {}).expect(401);
  });

  it('refuses keys that are not its own', async () => {
    const { embed, search } = service.keyOf;
    for (const [i, headers] of [
      { authorization: `Bearer ${WRONG_KEY}` },
      { authorization: 'Bearer sk-of-another-service' },
      { authorization: `Bearer ${embed}`, 'x-api-key': search },
      { authorization: `Bearer ${embed.slice(0, -1)}` },
      { 'x-api-key': `${embed.slice(0, 16)}${search.slice(16)}` },
    ].entries()) {
      const response = await getFrom(`127.0.1.${i}`, headers);
      assertRefused(
        { status: response.statusCode, body: response.json(), text: response.body },
        401,
        'key_invalid',
        null,
      );
      assert.equal(response.headers['www-authenticate'], 'Bearer');
    }
  });

  it('refuses a key that lacks a scope, and names both, before it reads the body', async () => {
    const response = await request(service.address)
      .post('/v1/jobs')
      .set('authorization', `Bearer ${service.keyOf.embed}`)
      .set('content-type', 'application/json')
      .send('{');
    assertRefused(response, 403, 'scope_missing', null);
    assert.equal(response.body.error.message, 'the key "embed" lacks the scope jobs');
  });

  it('says what a key may do', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const { key } = await service.makeKey(['embed', 'search'], { name: 'shop', expiresAt });
    const { body, headers } = await get('/v1/access', { 'x-api-key': key }).expect(200);
    assert.deepEqual(body, {
      anonymous: false,
      key: { name: 'shop', scopes: ['embed', 'search'], expires_at: expiresAt.toISOString() },
    });
    assert.equal(headers['cache-control'], 'no-store');
    await get('/v1/access', {}).expect(200, { anonymous: false, key: null });
    await get('/v1/access', { 'x-api-key': WRONG_KEY }).expect(401);
  });

  it('slows an address that guesses keys, and takes its valid keys meanwhile, also new ones', async () => {
    const address = '192.0.2.7';
    for (let i = 0; i < 10; i++) {
      const { statusCode } = await getFrom(address, { 'x-api-key': WRONG_KEY });
      assert.equal(statusCode, 401);
    }
    const slowed = await getFrom(address, { 'x-api-key': WRONG_KEY });
    assert.deepEqual([slowed.statusCode, slowed.json().error.code], [429, 'rate_limited']);
    const retryAfter = Number(slowed.headers['retry-after']);
    assert.ok(retryAfter > 0 && retryAfter <= 60, String(retryAfter));

    const fresh = await service.makeKey(['embed']);
    for (const key of [service.keyOf.embed, fresh.key])
      assert.equal((await getFrom(address, { 'x-api-key': key })).statusCode, 200);
    assert.equal((await getFrom('192.0.2.8', { 'x-api-key': WRONG_KEY })).statusCode, 401);
  });

  it('makes wrong secrets of known keys wait as long as unknown keys', async () => {
    const { id } = await service.makeKey(['embed']);
    const key = `pv_${id}_${'a'.repeat(43)}`;
    // The first may have to read the keys, and the others come within its interval.
    for (let i = 0; i < 2; i++) await getFrom('192.0.2.10', { 'x-api-key': key });
    const start = performance.now();
    assert.equal((await getFrom('192.0.2.10', { 'x-api-key': key })).statusCode, 401);
    assert.ok(performance.now() - start > 100);
  });

  it('ends a stream of events whose key was revoked', async (t) => {
    const corpus = await makeCorpus(1);
    t.after(() => corpus.remove());
    const { id, key } = await service.makeKey(['jobs']);
    const { database } = service.services;
    const { status, body } = await request(service.address)
      .post('/v1/jobs')
      .auth(key, { type: 'bearer' })
      .send({ type: 'embed', output: 'watched', dataset: corpus.dataset });
    assert.equal(status, 202, JSON.stringify(body));
    const response = await fetch(`${service.address}/v1/jobs/${body.id}/events`, { headers: { 'x-api-key': key } });
    assert.equal(response.status, 200);
    await database.use((queries) => revokeKey(queries, id));
    await waitFor('the key to be refused', async () => (await get('/v1/jobs', { 'x-api-key': key })).status === 401);
    await request(service.address)
      .post(`/v1/jobs/${body.id}/cancel`)
      .auth(service.keyOf.admin, { type: 'bearer' })
      .expect(200);
    const text = await response.text();
    assert.match(text, /"state":"queued"/);
    assert.doesNotMatch(text, /cancel/);
  });

  it('does not slow a client whose key has expired', async () => {
    const { key } = await service.makeKey(['embed'], { name: 'old', expiresAt: new Date(Date.now() - 1) });
    for (let i = 0; i < 15; i++) {
      const response = await getFrom('192.0.2.9', { 'x-api-key': key });
      assert.deepEqual([response.statusCode, response.json().error.code], [401, 'key_invalid']);
    }
  });
});

describe('a service without keys on a loopback address', () => {
  const service = useTinyService();
  const get = (path: string) => request(service.address).get(path);

  it('lets everybody do everything, with the keys of other services', async () => {
    await get('/v1/models').expect(200);
    // Clients of OpenAI always send one.
    await get('/v1/models').set('authorization', 'Bearer sk-any').set('x-api-key', 'other').expect(200);
    await get('/v1/access').expect(200, { anonymous: true, key: null });
  });

  it('refuses a key that means to be one of panelvec, so that nobody takes it for a valid one', async () => {
    assertRefused(await get('/v1/models').set('authorization', `Bearer ${WRONG_KEY}`), 401, 'key_invalid', null);
    assertRefused(await get('/v1/access').set('x-api-key', 'pv_x'), 401, 'key_invalid', null);
  });
});
