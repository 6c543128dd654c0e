import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertRefused, useStrictService } from '../../support/strict-service.ts';

const strict = useStrictService();

async function call(method: string, path: string) {
  const init = method === 'POST' ? { method, body: '{"input":' } : { method };
  const response = await fetch(strict.address + path, init);
  const text = await response.text();
  return {
    status: response.status,
    text,
    allow: response.headers.get('allow'),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

describe('a path that does not exist', () => {
  const similar: readonly [method: string, path: string, hint: string][] = [
    ['POST', '/v1/embedding', 'POST /v1/embeddings'],
    ['POST', '/embeddings', 'POST /v1/embeddings'],
    ['POST', '/V1/Embeddings/Images', 'POST /v1/embeddings/image'],
    ['POST', '/v1/embeddings/panels', 'POST /v1/embeddings/panel'],
    ['GET', '/v1/model', 'GET /v1/models'],
    ['GET', '/healthz', 'GET /health'],
    ['GET', '/v2/model/tiny/ready', 'GET /v2/models/tiny/ready'],
    ['POST', '/v2/models/tiny/inference', 'POST /v2/models/tiny/infer'],
    ['POST', '/v1/job', 'POST /v1/jobs'],
  ];
  for (const [method, path, hint] of similar) {
    it(`${method} ${path}: 404 with ${hint}, whatever its body`, async () => {
      const response = await call(method, path);
      assert.equal(response.status, 404, response.text);
      assert.ok(response.text.includes(`did you mean ${hint}?`), response.text);
    });
  }

  it('and is like no other: 404 with the place of the documentation', async () => {
    for (const path of [
      '/v1/',
      '/x',
      '/admin/login.php',
      '/robots.txt',
      '/v1/chat/completions',
      `/${'x'.repeat(5000)}`,
    ]) {
      const response = await call('GET', path);
      assertRefused(response, 404, 'not_found', null);
      if (path.length < 100) assert.match(response.body.error.message, /\/docs lists the calls/);
    }
  });
});

it('a file that does not exist: 404, though others do', async () => {
  for (const path of ['/docs/static/none.js', '/docs/static/..%2f..%2fpackage.json']) {
    const response = await call('GET', path);
    assertRefused(response, 404, 'not_found', null);
    assert.equal(response.allow, null);
  }
});

describe('what people try first', () => {
  it('GET / tells what the service is, and its links lead somewhere', async () => {
    const { body } = await call('GET', '/');
    assert.equal(body.name, 'panelvec');
    for (const path of Object.values<string>(body.links))
      assert.equal((await fetch(strict.address + path)).status, 200, path);
  });

  it('GET /health is /health/ready', async () => {
    assert.deepEqual((await call('GET', '/health')).body, (await call('GET', '/health/ready')).body);
  });

  it('HEAD responds as GET, without a body; OPTIONS with the methods', async () => {
    for (const path of ['/', '/health', '/v1/models', '/openapi.json']) {
      const response = await call('HEAD', path);
      assert.deepEqual([response.status, response.text], [200, ''], path);
    }
    const options = await call('OPTIONS', '/v1/embeddings/text');
    assert.deepEqual([options.status, options.allow], [204, 'POST']);
    assert.equal((await call('OPTIONS', '/v1/models')).allow, 'GET, HEAD');
    assert.equal((await call('DELETE', '/v1/models')).status, 405);
    assert.equal((await call('POST', '/v1/collections/a')).allow, 'GET, HEAD, DELETE');
  });
});
