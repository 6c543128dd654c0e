import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { jobListSchema, jobSchema } from '../../../../src/http/routes/jobs/job-schemas.ts';
import { type JobService, startJobService } from '../../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../../support/make-corpus.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';
import { waitFor } from '../../../support/wait-for.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
/** A job that has succeeded. */
let finishedJobId: string;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(130), makeTinyModel()]);
  service = await startJobService(tiny.home, corpus);
  finishedJobId = (await service.submit(spec('finished'))).id;
  await service.waitForEnd(finishedJobId);
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const spec = (output: string, extraFields: object = {}) => ({
  type: 'embed',
  output,
  dataset: corpus.dataset,
  ...extraFields,
});
const post = (body: object) => request(service.address).post('/v1/jobs').send(body);
const get = (suffix: string) => request(service.address).get(`/v1/jobs${suffix}`);

describe('submitting a job', () => {
  it('responds 202 with the job, its resolved spec and its location', async () => {
    const { body, headers } = await post(spec('submitted')).expect(202);
    jobSchema.parse(body);
    assert.equal(headers['location'], `/v1/jobs/${body.id}`);
    assert.equal(body.spec.model, 'tiny@1');
    assert.equal(body.spec.dataset.max_panels_per_page, 16);
    const { body: shown } = await get(`/${body.id}`).expect(200);
    assert.equal(shown.id, body.id);
    assert.equal((await service.waitForEnd(body.id)).state, 'succeeded');
  });

  it('takes paths relative to the data root', async () => {
    const dataset = { manifest: 'manifest.csv', pss_labels: 'pss_labels.json', panels: { format: 'vlm', root: 'vlm' } };
    const { body } = await post({ type: 'embed', output: 'relative', dataset }).expect(202);
    assert.equal(body.spec.dataset.manifest, path.join(corpus.folder, 'manifest.csv'));
    assert.equal((await service.waitForEnd(body.id)).state, 'succeeded');
  });

  it('gives the same job for the same key, and 409 for the key with another spec', async () => {
    const send = (body: object) => post(body).set('idempotency-key', 'a key');
    const first = await send(spec('keyed')).expect(202);
    const again = await send(spec('keyed')).expect(200);
    assert.equal(again.body.id, first.body.id);
    const { body } = await send(spec('keyed', { max_bad_pages: 0.5 })).expect(409);
    assert.deepEqual([body.error.code, body.error.param], ['idempotency_conflict', 'Idempotency-Key']);
    await service.waitForEnd(first.body.id);
  });

  it('gives the same job for the same key even if it could no longer be submitted', async () => {
    const manifest = path.join(corpus.folder, 'gone.csv');
    await copyFile(corpus.dataset.manifest, manifest);
    const send = (more: object) => {
      const dataset = { ...corpus.dataset, manifest, ...more };
      return post(spec('gone', { dataset })).set('idempotency-key', 'a key of what is gone');
    };
    const first = await send({}).expect(202);
    await service.waitForEnd(first.body.id);
    await rm(manifest);
    const again = await send({}).expect(200);
    assert.equal(again.body.id, first.body.id);
    const other = await send({ manifest: corpus.dataset.manifest }).expect(409);
    assert.equal(other.body.error.code, 'idempotency_conflict');
    const refused = await send({ limit: 5 }).expect(400);
    assert.equal(refused.body.error.param, 'dataset.manifest');
  });

  it('names the invalid field of a spec', async () => {
    const outside = path.join(corpus.folder, '..');
    await mkdir(path.join(corpus.folder, 'links'), { recursive: true });
    await symlink('/etc/passwd', path.join(corpus.folder, 'links/manifest.csv'));
    await writeFile(path.join(corpus.folder, 'links/file'), '');
    const dataset = (change: object) => ({ dataset: { ...corpus.dataset, ...change } });
    const panelsRoot = (folder: string) => dataset({ panels: { format: 'vlm', root: folder } });
    const cases: readonly [body: object, param: string, message: RegExp][] = [
      [{ ...spec('a'), type: 'bake' }, 'type', /embed/],
      [{ type: 'embed', dataset: corpus.dataset }, 'output', /string/],
      [spec('../up'), 'output', /letters/],
      [spec('.hidden'), 'output', /letters/],
      [spec('nul.zarr'), 'output', /device of Windows/],
      [spec('run.'), 'output', /end in a dot/],
      [spec('a', { model: 'none' }), 'model', /no model "none"/],
      [spec('a', { colour: 'red' }), 'colour', /unknown field/],
      [spec('a', { max_bad_pages: 1.5 }), 'max_bad_pages', /1/],
      [spec('a', dataset({ limit: 0 })), 'dataset.limit', /0/],
      [spec('a', dataset({ max_panels_per_page: 65 })), 'dataset.max_panels_per_page', /64/],
      [spec('a', dataset({ panels: { format: 'xml', root: 'vlm' } })), 'dataset.panels.format', /vlm/],
      [spec('a', dataset({ manifest: 'none.csv' })), 'dataset.manifest', /does not exist/],
      [spec('a', dataset({ manifest: corpus.folder })), 'dataset.manifest', /is no file/],
      [spec('a', dataset({ manifest: '/etc/passwd' })), 'dataset.manifest', /outside of the data folders/],
      [spec('a', dataset({ manifest: '/etc/no-such-file' })), 'dataset.manifest', /outside of the data folders/],
      [spec('a', dataset({ manifest: 'links/manifest.csv' })), 'dataset.manifest', /outside of the data folders/],
      [spec('a', dataset({ pss_labels: `${outside}/x.json` })), 'dataset.pss_labels', /outside of the data folders/],
      [spec('a', dataset({ pss_labels: 'a\0b' })), 'dataset.pss_labels', /./],
      [spec('a', panelsRoot('links/file')), 'dataset.panels.root', /is no folder/],
    ];
    for (const [body, param, message] of cases) {
      const { body: responseBody } = await post(body).expect(param === 'model' ? 404 : 400);
      assert.equal(responseBody.error.param, param, JSON.stringify(responseBody));
      assert.match(responseBody.error.message, message);
    }
  });
});

describe('listing jobs', () => {
  it('pages through them, newest first', async () => {
    const first = (await get('?limit=2').expect(200)).body;
    jobListSchema.parse(first);
    assert.equal(first.data.length, 2);
    const second = (await get(`?limit=2&after=${first.next}`).expect(200)).body;
    assert.ok(second.data[0].created_at <= first.data[1].created_at);
    assert.ok(!first.data.some(({ id }: { id: string }) => id === second.data[0].id));
    const none = (await get('?state=failed').expect(200)).body;
    assert.deepEqual([none.data, none.next], [[], null]);
  });

  it('refuses unknown options and ids', async () => {
    for (const query of ['state=lost', 'type=bake', 'limit=0', 'limit=101', 'after=x', 'colour=red']) {
      const { body } = await get(`?${query}`).expect(400);
      assert.equal(body.error.param, query.split('=')[0]);
    }
    await get('/not-an-id').expect(400);
    await get('/00000000-0000-4000-8000-000000000000').expect(404);
    await request(service.address).delete(`/v1/jobs/${finishedJobId}`).expect(405).expect('allow', 'GET, HEAD');
  });

  it('is counted in the metrics', async () => {
    const { text } = await request(service.address).get('/metrics');
    assert.match(text, /panelvec_jobs\{type="embed",state="succeeded"\} [1-9]/);
  });
});

describe('cancelling a job', () => {
  it('ends it, and its output can be written by another', async () => {
    const { id } = await service.submit(spec('cancelled'));
    const { body } = await request(service.address).post(`/v1/jobs/${id}/cancel`).expect(200);
    assert.match(body.state, /cancell/);
    assert.equal((await service.waitForEnd(id)).state, 'cancelled');
    const { state } = await service.waitForEnd((await service.submit(spec('cancelled'))).id);
    assert.equal(state, 'succeeded');
  });

  it('is refused for one that has succeeded', async () => {
    const { body } = await request(service.address).post(`/v1/jobs/${finishedJobId}/cancel`).expect(409);
    assert.equal(body.error.code, 'job_ended');
  });
});

describe('artefacts', () => {
  it('are listed, and downloaded file by file', async () => {
    const { body } = await get(`/${finishedJobId}/artifacts`).expect(200);
    const names = body.data.map(({ name }: { name: string }) => name);
    const documents = ['metadata.json', 'panels.jsonl', 'pages.jsonl', 'errors.jsonl', 'skipped.jsonl', 'report.json'];
    assert.deepEqual(names, ['embeddings.zarr', ...documents]);
    const metadata = await get(`/${finishedJobId}/artifacts/metadata.json`).expect(200).expect('content-type', /json/);
    assert.equal(metadata.body.length, 130);
    const array = await get(`/${finishedJobId}/artifacts/embeddings.zarr/panel_masks/.zarray`).expect(200);
    assert.deepEqual(JSON.parse(array.body.toString()).shape, [130, 16]);
    const chunk = await get(`/${finishedJobId}/artifacts/embeddings.zarr/panel_embeddings/1.0.0`).buffer().expect(200);
    assert.ok(chunk.body.length > 0);
  });

  it('do not include other files', async () => {
    const artifactPaths = [
      'none.json',
      'embeddings.zarr',
      'embeddings.zarr/9.9.9',
      'embeddings.zarr/../metadata.json',
      'embeddings.zarr/..%2f..%2f..%2fmodels%2ftiny%2fmodel.json',
      '..%2f..%2fmodels%2ftiny%2fmodel.json',
      'metadata.json%00',
      'metadata.json/x',
    ];
    for (const artifactPath of artifactPaths) {
      const { status, text } = await get(`/${finishedJobId}/artifacts/${artifactPath}`);
      // A client may shorten a/../b itself, and then requests b.
      if (artifactPath !== 'embeddings.zarr/../metadata.json')
        assert.equal(status, 404, `${artifactPath}: ${text.slice(0, 100)}`);
    }
  });
});

describe('a service whose database is killed', () => {
  it('responds 503 while it is away, and completes its jobs when it is back', async () => {
    const { id } = await service.submit(spec('interrupted', { max_bad_pages: 0.2 }));
    for (const pid of service.pids('panelvec-database')) process.kill(pid, 'SIGKILL');
    await waitFor('a 503', async () => {
      const { status, body } = await get(`/${id}`);
      return status === 503 && body.error.code === 'database_unavailable';
    });
    await request(service.address).get('/health/ready').expect(200);
    await waitFor('the database', async () => (await get(`/${id}`)).status === 200);
    assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  });
});
