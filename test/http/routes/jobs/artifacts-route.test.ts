import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { errorResponseSchema } from '../../../../src/http/error-response.ts';
import { errorHandler } from '../../../../src/http/plugins/error-handler.ts';
import { notFound } from '../../../../src/http/plugins/not-found.ts';
import { schemaValidation } from '../../../../src/http/plugins/schema-validation.ts';
import { artifactsRoute } from '../../../../src/http/routes/jobs/artifacts-route.ts';
import type { Artifact, Job } from '../../../../src/jobs/job.ts';
import { createZarrStore, publishZarrStore } from '../../../../src/zarr/create-zarr-store.ts';
import { writeChunk } from '../../../../src/zarr/zarr-chunk.ts';
import { readZarrStore } from '../../../support/read-zarr.ts';
import { testChunk } from '../../../zarr/test-chunk.ts';

const CONTENT = 'abcdefghij';
const job: Job = {
  id: randomUUID(),
  type: 'embed',
  spec: {},
  state: 'succeeded',
  progress: { done: 1, total: 1, rate: 0, seconds_left: null, phase: 'finished', detail: null },
  attempts: 1,
  error: null,
  created_at: new Date(0),
  started_at: new Date(0),
  finished_at: new Date(0),
  artifacts: [
    { name: 'pages.zarr', path: 'pages.zarr', kind: 'folder', bytes: null },
    { name: 'embeddings.zarr', path: 'embeddings.zarr', kind: 'folder', bytes: null },
    { name: 'report.json', path: 'report.json', kind: 'file', bytes: 2 },
    { name: 'card.md', path: 'card.md', kind: 'file', bytes: 6 },
  ],
  revision: 1,
};

let home: string;
let app: FastifyInstance;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-artifacts-'));
  await mkdir(path.join(home, 'pages.zarr/masks'), { recursive: true });
  await writeFile(path.join(home, 'pages.zarr/masks/0.0'), CONTENT);
  await writeFile(path.join(home, 'pages.zarr/masks/.zarray'), '{}');
  await writeFile(path.join(home, 'pages.zarr/100% sure? #1.html'), CONTENT);
  await writeFile(path.join(home, 'report.json'), '{}');
  await writeFile(path.join(home, 'card.md'), '# Card');
  await writeFile(path.join(home, 'secret.json'), '{}');
  app = Fastify();
  for (const plugin of [errorHandler, notFound, schemaValidation]) await app.register(plugin);
  const artifactPath = ({ path: relative }: Artifact) => path.join(home, relative);
  await app.register(artifactsRoute, { jobs: { get: async () => job, artifactPath } });
});
after(async () => {
  await app.close();
  await rm(home, { recursive: true });
});

function get(name: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  return app.inject({ method, url: `/v1/jobs/${job.id}/artifacts/${name}`, headers });
}

describe('a file of an artefact', () => {
  it('is sent whole, with its length, type, ETag and time', async () => {
    const { statusCode, body, headers } = await get('pages.zarr/masks/0.0');
    assert.deepEqual([statusCode, body], [200, CONTENT]);
    assert.equal(headers['content-length'], '10');
    assert.equal(headers['content-type'], 'application/octet-stream');
    assert.equal(headers['accept-ranges'], 'bytes');
    assert.match(String(headers['etag']), /^W\/"a-[0-9a-f]+"$/);
    assert.equal(headers['cache-control'], undefined);
    assert.ok(!Number.isNaN(Date.parse(String(headers['last-modified']))));
  });

  it('has the media type of its extension', async () => {
    const typeOf = async (name: string) => (await get(name)).headers['content-type'];
    assert.equal(await typeOf('report.json'), 'application/json');
    assert.equal(await typeOf('card.md'), 'text/markdown; charset=utf-8');
    assert.equal(await typeOf('pages.zarr/masks/.zarray'), 'application/octet-stream');
    assert.equal(await typeOf('pages.zarr/100%25%20sure%3F%20%231.html'), 'text/html; charset=utf-8');
  });

  it('is sent in ranges, from the start and from the end', async () => {
    for (const [range, body, contentRange] of [
      ['bytes=2-4', 'cde', 'bytes 2-4/10'],
      ['bytes=7-', 'hij', 'bytes 7-9/10'],
      ['bytes=-2', 'ij', 'bytes 8-9/10'],
    ] as const) {
      const response = await get('pages.zarr/masks/0.0', { range });
      assert.deepEqual([response.statusCode, response.body], [206, body], range);
      assert.equal(response.headers['content-range'], contentRange);
    }
  });

  it('has no range after its end: 416 with its length', async () => {
    const response = await get('pages.zarr/masks/0.0', { range: 'bytes=10-' });
    assert.equal(response.statusCode, 416);
    assert.equal(response.headers['content-range'], 'bytes */10');
    assert.match(String(response.headers['content-type']), /^application\/json/);
    assert.equal(errorResponseSchema.parse(response.json()).error.code, 'range_not_satisfiable');
  });

  it('is not sent again where the client has it: 304', async () => {
    const { headers } = await get('pages.zarr/masks/0.0');
    for (const [condition, value] of [
      ['if-none-match', headers['etag']],
      ['if-modified-since', headers['last-modified']],
    ] as const) {
      const { statusCode, body } = await get('pages.zarr/masks/0.0', { [condition]: String(value) });
      assert.deepEqual([statusCode, body], [304, '']);
    }
    assert.equal((await get('pages.zarr/masks/0.0', { 'if-none-match': '"other"' })).statusCode, 200);
  });

  it('is refused where If-Match names another: 412', async () => {
    const response = await get('pages.zarr/masks/0.0', { 'if-match': '"other"' });
    assert.equal(response.statusCode, 412);
    assert.equal(errorResponseSchema.parse(response.json()).error.code, 'precondition_failed');
  });

  it('is described by HEAD, without its bytes', async () => {
    const { statusCode, body, headers } = await get('pages.zarr/masks/0.0', {}, 'HEAD');
    assert.deepEqual([statusCode, body, headers['content-length']], [200, '', '10']);
    assert.equal((await get('none.json', {}, 'HEAD')).statusCode, 404);
  });

  it('lies inside an artefact and is not a folder: else 404', async () => {
    for (const name of [
      'none.json',
      'secret.json',
      'pages.zarr',
      'pages.zarr/',
      'pages.zarr/masks',
      'pages.zarr/masks/',
      'pages.zarr/..%2fsecret.json',
      'pages.zarr%2f..%2fsecret.json',
      'pages.zarr/masks/0.0/x',
      'report.json%00',
    ]) {
      const response = await get(name);
      assert.equal(response.statusCode, 404, name);
      assert.equal(errorResponseSchema.parse(response.json()).error.code, 'not_found', name);
    }
  });
});

describe('a Zarr store over HTTP', () => {
  it('is opened by zarrita, with the chunks that were written and fill values for the others', async () => {
    const shape = { pages: 201, panels: 3, dimensions: 4 };
    const store = await createZarrStore(
      path.join(home, 'embeddings.zarr'),
      shape,
      { space: 'a' },
      path.join(home, 'tmp'),
    );
    const { embeddings, masks } = testChunk(shape, 2);
    await writeChunk(store, 2, embeddings, masks);
    await publishZarrStore(store);
    const address = await app.listen();
    const opened = await readZarrStore(new URL(`/v1/jobs/${job.id}/artifacts/embeddings.zarr`, address));
    assert.deepEqual([opened.shape, opened.attributes], [shape, { space: 'a' }]);
    assert.deepEqual(await opened.readChunk(2), { embeddings, masks });
    assert.deepEqual(await opened.readChunk(0), {
      embeddings: new Float32Array(1200).fill(Number.NaN),
      masks: new Uint8Array(300),
    });
  });
});
