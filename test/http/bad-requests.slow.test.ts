import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { PanelvecError } from '../../src/errors.ts';
import { errorResponseSchema } from '../../src/http/error-response.ts';
import { errorTypeOf } from '../../src/http/error-status.ts';
import { assertRefused, sendRawBytes, useStrictService } from '../support/strict-service.ts';

const strict = useStrictService();

describe('requests', () => {
  it('to paths that do not exist: 404', async () => {
    assertRefused(await request(strict.address).get('/v9'), 404, 'not_found', null);
    assertRefused(await request(strict.address).get('/v1/models/nobody'), 404, 'model_not_found', 'model');
  });

  it('have the type of their error, which clients of OpenAI read', async () => {
    const refused = await request(strict.address).post('/v1/embeddings').send({ input: 'a', model: 'nobody' });
    assert.equal(refused.body.error.type, 'invalid_request_error');
    const types = [
      errorTypeOf(new PanelvecError('queue_full', '')),
      errorTypeOf(new PanelvecError('engine_unavailable', '')),
      errorTypeOf(new PanelvecError('internal', '')),
    ];
    assert.deepEqual(types, ['rate_limit_error', 'server_error', 'server_error']);
    const { body } = await request(strict.address).get('/v2/models/nobody');
    assert.deepEqual(Object.keys(body).sort(), ['code', 'error', 'param', 'request_id']);
  });

  it('by a method that is not allowed: 405 with Allow', async () => {
    const response = await request(strict.address).get('/v1/embeddings/text');
    assertRefused(response, 405, 'method_not_allowed', null);
    assert.equal(response.headers['allow'], 'POST');
    assertRefused(await request(strict.address).delete('/health/live'), 405, 'method_not_allowed', null);
  });

  it('of a media type that the route does not accept: 415, before the body is read', async () => {
    const call = request(strict.address).post('/v1/embeddings/text');
    assertRefused(await call.set('content-type', 'image/png').send(strict.png), 415, 'unsupported_media_type', null);
    const form = await request(strict.address).post('/v1/embeddings/text').field('input', 'a');
    assertRefused(form, 415, 'unsupported_media_type', null);
  });

  for (const call of ['', '/text', '/panel']) {
    it(`with options in the query of POST /v1/embeddings${call}, where they would be lost: 400`, async () => {
      const response = await request(strict.address).post(`/v1/embeddings${call}?dimensions=4`).send({ input: 'a' });
      assertRefused(response, 400, 'invalid_request', 'dimensions');
    });
  }

  it('with an expectation that is not 100-continue: 417', async () => {
    const response = await sendRawBytes(strict.address, 'GET /health/live HTTP/1.1\r\nhost: a\r\nexpect: 999\r\n\r\n');
    assert.match(response, /^HTTP\/1\.1 417 /);
  });

  it('whose URL is malformed: 400', async () => {
    const response = await request(strict.address).get('/v1/models/%ZZ');
    assert.equal(response.status, 400);
    errorResponseSchema.parse(response.body);
  });

  for (const [name, type] of [
    ['JSON', 'application/json'],
    ['image', 'image/png'],
    ['multipart', 'multipart/form-data; boundary=x'],
  ]) {
    it(`whose ${name} body never ends: 408`, async () => {
      const response = await sendRawBytes(
        strict.address,
        `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 5000\r\n\r\n--x\r\n{"input"`,
      );
      assert.match(response, /^HTTP\/1\.1 408 Request Timeout\r\n/);
      const { error } = errorResponseSchema.parse(JSON.parse(response.split('\r\n\r\n')[1]!));
      assert.equal(error.code, 'request_timeout');
    });
  }

  it('that are not HTTP: 400 in the same form', async () => {
    const response = await sendRawBytes(strict.address, 'nonsense\r\n\r\n');
    assert.match(response, /^HTTP\/1\.1 400 /);
    errorResponseSchema.parse(JSON.parse(response.split('\r\n\r\n')[1]!));
  });
});
