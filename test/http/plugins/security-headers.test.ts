import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { useTinyService } from '../../support/tiny-service.ts';

describe('every response', () => {
  const service = useTinyService();

  it('forbids browsers scripts, frames and guesses at its type', async () => {
    for (const path of ['/v1/models', '/nothing', '/metrics', '/', '/health/live']) {
      const { headers } = await request(service.address).get(path);
      const policy = headers['content-security-policy'] ?? '';
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /script-src/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    }
  });

  it('is reached over HTTP alone: nothing asks browsers for TLS', async () => {
    for (const path of ['/', '/docs/']) {
      const { headers } = await request(service.address).get(path).set('accept', 'text/html');
      assert.equal(headers['strict-transport-security'], undefined);
      assert.doesNotMatch(headers['content-security-policy'] ?? '', /upgrade-insecure-requests/);
      assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*script-src 'self'/);
    }
  });
});
