import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { parse } from 'yaml';
import type { RunningService } from '../../src/http/server.ts';
import { startService } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

type Operations = Record<
  string,
  { requestBody?: { content: object }; responses: Record<string, { content?: object }> }
>;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
});
after(async () => {
  await service.close();
  await tiny.remove();
});

describe('the OpenAPI document', () => {
  it('is the same in openapi.yaml and at /openapi.json: if not, run `npm run openapi`', async () => {
    const file = parse(await readFile(path.join(import.meta.dirname, '../../openapi.yaml'), 'utf8'));
    const { body } = await request(service.address).get('/openapi.json').expect(200);
    assert.deepEqual(file, body);
  });

  it('has every route, with its bodies and errors', async () => {
    const { body } = await request(service.address).get('/openapi.json');
    const paths: Record<string, Operations> = body.paths;
    assert.deepEqual(Object.keys(paths).sort(), [
      '/',
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/v1/access',
      '/v1/aliases',
      '/v1/aliases/{alias}',
      '/v1/audit',
      '/v1/collections',
      '/v1/collections/{collection}',
      '/v1/collections/{collection}/facets',
      '/v1/collections/{collection}/map',
      '/v1/collections/{collection}/map/points',
      '/v1/collections/{collection}/panels',
      '/v1/collections/{collection}/panels/{id}',
      '/v1/collections/{collection}/panels/{id}/image',
      '/v1/collections/{collection}/panels/{id}/page',
      '/v1/embeddings',
      '/v1/embeddings/image',
      '/v1/embeddings/page',
      '/v1/embeddings/panel',
      '/v1/embeddings/text',
      '/v1/jobs',
      '/v1/jobs/{id}',
      '/v1/jobs/{id}/artifacts',
      '/v1/jobs/{id}/artifacts/{*}',
      '/v1/jobs/{id}/cancel',
      '/v1/jobs/{id}/events',
      '/v1/jobs/{id}/history',
      '/v1/models',
      '/v1/models/rollback',
      '/v1/models/{id}',
      '/v1/models/{id}/activate',
      '/v1/models/{id}/card',
      '/v1/search',
      '/v1/status',
      '/v1/zero-shot',
      '/v2',
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/{model}',
      '/v2/models/{model}/infer',
      '/v2/models/{model}/ready',
      '/v2/models/{model}/versions/{version}',
      '/v2/models/{model}/versions/{version}/infer',
      '/v2/models/{model}/versions/{version}/ready',
    ]);
    const image = paths['/v1/embeddings/image']!['post']!;
    assert.deepEqual(Object.keys(image.requestBody!.content), [
      'multipart/form-data',
      'application/json',
      'image/jpeg',
      'image/png',
      'image/webp',
      'image/avif',
    ]);
    assert.deepEqual(Object.keys(image.responses), ['200', '4XX', '5XX']);
    assert.deepEqual(Object.keys(image.responses['200']!.content!), ['application/json', 'application/x-npy']);
  });

  it('says which bodies may be left out, and refers to nothing that is not there', async () => {
    const { body } = await request(service.address).get('/openapi.json');
    assert.equal(body.paths['/v1/models/{id}/activate'].post.requestBody.required, false);
    assert.equal(body.paths['/v1/embeddings/text'].post.requestBody.required, true);
    const references = JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]*)"/g);
    for (const [, reference = ''] of references) {
      const target = reference
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], body);
      assert.ok(target !== undefined, reference);
    }
  });

  it('is shown at /docs', async () => {
    const { text } = await request(service.address).get('/docs/').expect(200);
    assert.match(text, /swagger-ui/i);
  });
});
