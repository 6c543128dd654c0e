import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import accepts from '@fastify/accepts';
import Fastify from 'fastify';
import { errorHandler } from '../../../../src/http/plugins/error-handler.ts';
import { acceptsNpy } from '../../../../src/http/routes/embeddings/send-embeddings.ts';

const app = Fastify();
before(async () => {
  await app.register(errorHandler);
  await app.register(accepts);
  app.get('/', async (request) => ({ npy: acceptsNpy(request) }));
});
after(() => app.close());

describe('the media type of the vectors', () => {
  const cases: readonly [accept: string | undefined, npy: boolean | 'refused'][] = [
    [undefined, false],
    ['*/*', false],
    ['application/*', false],
    ['text/html', false],
    ['application/json', false],
    ['application/x-npy', true],
    ['APPLICATION/X-NPY', true],
    ['application/x-npy, */*;q=0.1', true],
    ['application/json;q=0.5, application/x-npy', true],
    ['application/json;q=0.5, application/x-npy;q=0.9', true],
    ['application/x-npy;q=0.1, application/json', false],
    ['application/json, application/x-npy;q=0', false],
    ['application/x-npy;q=0', false],
    ['application/x-npy;q=0, */*', false],
    ['application/x-npy-like', false],
    ['application/json;q=0, */*', true],
    ['application/json;q=0, application/*;q=0.1', true],
    ['*/*;q=0.9, application/x-npy;q=0.5', false],
    ['application/*;q=0.5, application/x-npy;q=0.4', false],
    ['application/*;q=0.3, application/x-npy;q=0.4', true],
    ['*/*;q=0, application/x-npy', true],
    ['application/json;q=1.0,application/x-npy;q=1.0', false],
    ['application/x-npy , application/json', true],
    ['application/json; charset=utf-8', false],
    ['application/json;charset=utf-8, application/x-npy;q=0.5', false],
    ['application/json;q=0.5;indent=4, application/x-npy; version="1,0"', true],
    ['application/x-npy; version=1', true],
    ['application/x-npy; version=1; q=0, application/json', false],
    ['application/vnd.api+json', false],
    ['application/x-npy;q=0.001', true],
    ['garbage', false],
    [',, ,', false],
    ['application/x-npy;q=high, application/json', false],
    ['', false],
    ['*/*;q=0', 'refused'],
    ['application/json;q=0', 'refused'],
    ['application/json;q=0, application/x-npy;q=0.0', 'refused'],
    ['application/*; q=0.000, text/html', 'refused'],
  ];
  for (const [accept, npy] of cases) {
    const type = npy === true ? 'NumPy' : npy === false ? 'JSON' : 'refused with 406';
    it(`is ${type} for Accept: ${accept ?? 'nothing'}`, async () => {
      const response = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
      if (npy === 'refused')
        assert.deepEqual([response.statusCode, response.json().error.code], [406, 'not_acceptable']);
      else assert.equal(response.json().npy, npy);
    });
  }
});
