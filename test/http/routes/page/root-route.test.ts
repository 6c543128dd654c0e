import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import accepts from '@fastify/accepts';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { rootRoute } from '../../../../src/http/routes/page/root-route.ts';

const BROWSER_ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
const SCRIPT = '/assets/index-abc.js';

let folder: string;
let app: FastifyInstance;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-page-'));
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>the page</title>');
  await writeFile(path.join(folder, SCRIPT), 'export {};');
  await writeFile(path.join(folder, `${SCRIPT}.gz`), 'compressed');
  app = await createApp(folder);
});

after(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

describe('GET /', () => {
  it('gives browsers the page, under a policy that lets nothing in from elsewhere', async () => {
    const response = await app.inject({ url: '/', headers: { accept: BROWSER_ACCEPT } });
    assert.equal(response.statusCode, 200);
    assert.match(response.body, /the page/);
    assert.match(String(response.headers['content-type']), /^text\/html/);
    const policy = String(response.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
    assert.equal(response.headers['cache-control'], 'public, max-age=0');
    assert.match(String(response.headers['vary']), /^accept\b/);
  });

  it('answers 304 to a browser that has the page', async () => {
    const { headers } = await app.inject({ url: '/', headers: { accept: BROWSER_ACCEPT } });
    const again = { accept: BROWSER_ACCEPT, 'if-none-match': String(headers['etag']) };
    assert.equal((await app.inject({ url: '/', headers: again })).statusCode, 304);
  });

  it('tells programs what the service is', async () => {
    for (const accept of [undefined, '*/*', 'application/json']) {
      const { headers, ...response } = await app.inject({ url: '/', headers: accept ? { accept } : {} });
      assert.equal(response.json().name, 'panelvec');
      assert.equal(headers['vary'], 'accept');
    }
  });

  it('says what to do where the page is not built, and still tells programs what the service is', async () => {
    await using bare = await createApp(path.join(folder, 'absent'));
    const page = await bare.inject({ url: '/', headers: { accept: BROWSER_ACCEPT } });
    assert.equal(page.statusCode, 503);
    assert.match(page.body, /npm run build:web/);
    assert.match(page.body, /^<!doctype html>/);
    assert.equal((await bare.inject({ url: '/' })).statusCode, 200);
  });
});

describe('GET /assets', () => {
  it('sends a file once and for all, compressed as it was built', async () => {
    const response = await app.inject({ url: SCRIPT, headers: { 'accept-encoding': 'gzip' } });
    assert.equal(response.body, 'compressed');
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.match(String(response.headers['content-type']), /javascript/);
    assert.equal(response.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal((await app.inject({ url: SCRIPT })).body, 'export {};');
  });

  it('sends nothing outside its folder', async () => {
    for (const url of [
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/..%2findex.html',
      '/assets/x.js',
    ]) {
      assert.notEqual((await app.inject({ url })).statusCode, 200, url);
    }
  });
});

async function createApp(pageFolder: string): Promise<FastifyInstance> {
  const instance = Fastify();
  instance.setValidatorCompiler(validatorCompiler);
  instance.setSerializerCompiler(serializerCompiler);
  await instance.register(accepts);
  await instance.register(rootRoute, { pageFolder });
  return instance;
}
