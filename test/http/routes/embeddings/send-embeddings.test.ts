import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import accepts from '@fastify/accepts';
import Fastify from 'fastify';
import { acceptsNpy } from '../../../../src/http/routes/embeddings/send-embeddings.ts';

const app = Fastify();
before(async () => {
  await app.register(accepts);
  app.get('/', async (request) => ({ npy: acceptsNpy(request) }));
});
after(() => app.close());

describe('the media type of the vectors', () => {
  const cases: readonly [accept: string | undefined, npy: boolean][] = [
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
  ];
  for (const [accept, npy] of cases) {
    it(`is ${npy ? 'NumPy' : 'JSON'} for Accept: ${accept ?? 'nothing'}`, async () => {
      const response = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
      assert.equal(response.json().npy, npy);
    });
  }
});
