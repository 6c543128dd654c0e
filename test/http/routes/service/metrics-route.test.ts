import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import request from 'supertest';
import { listMetrics } from '../../../../scripts/reference-pages/metrics-page.ts';
import { drawPngPanel, toDataUri } from '../../../support/images.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const service = useTinyService({ PANELVEC_MODEL_ALIASES: 'text-embedding-3-small=tiny' });

async function readMetrics(): Promise<string> {
  return (await request(service.address).get('/metrics').expect(200)).text;
}

async function readMetric(line: RegExp): Promise<number> {
  const text = await readMetrics();
  const found = line.exec(text);
  assert.ok(found, `no line like ${line} in\n${text}`);
  return Number(found[1]);
}

describe('GET /metrics', () => {
  it('has no metric that the reference lacks, and lacks those of jobs alone, which are off', async () => {
    const text = await readMetrics();
    const served = [...text.matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, metric = '']) => metric);
    const listed = listMetrics().map(({ name, type }) => `${name} ${type}`);
    assert.deepEqual(
      served.filter((metric) => !listed.includes(metric)),
      [],
    );
    const missing = listed.filter((metric) => !served.includes(metric));
    assert.deepEqual(
      missing.filter((metric) => !/^panelvec_(jobs?|tasks|workers)[_ ]/.test(metric)),
      [],
    );
  });

  it('counts requests, stages, panels and batches', async () => {
    const png = await drawPngPanel(1);
    await request(service.address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png).expect(200);
    const page = { image: toDataUri(png), panels: [{ bbox: [0, 0, 60, 60] }] };
    await request(service.address).post('/v1/embeddings/page').send(page).expect(200);
    await request(service.address)
      .post('/v1/embeddings/text')
      .send({ input: ['a', 'b'] })
      .expect(200);
    await request(service.address)
      .post('/v1/embeddings/text')
      .send({ input: [''] })
      .expect(400);
    const route = '/v1/embeddings/text';
    assert.equal(
      await readMetric(
        new RegExp(
          `panelvec_http_request_duration_seconds_count\\{method="POST",route="${route}",status="400"\\} (\\d+)`,
        ),
      ),
      1,
    );
    assert.equal(await readMetric(/panelvec_items_total\{modalities="vision"\} (\d+)/), 1);
    assert.equal(await readMetric(/panelvec_items_total\{modalities="text"\} (\d+)/), 2);
    for (const stage of ['decode', 'resize', 'queue', 'inference']) {
      assert.ok(
        (await readMetric(new RegExp(`panelvec_stage_duration_seconds_count\\{stage="${stage}"\\} (\\d+)`))) > 0,
      );
    }
    assert.equal(await readMetric(/panelvec_batch_items_sum (\d+)/), 4);
  });

  it('counts errors by their code, and shows what refused requests were told', async () => {
    const count = async () =>
      Number(/^panelvec_errors_total\{code="not_found"\} (\d+)$/m.exec(await readMetrics())?.[1] ?? 0);
    const before = await count();
    await request(service.address).get('/v1/nothing').expect(404);
    assert.equal(await count(), before + 1);
    const told = await readMetric(/^panelvec_retry_after_seconds_count (\d+)$/m);
    const { admission } = service.services.embedder;
    const release = admission.reserve(service.services.config.maxQueueItems);
    const png = await drawPngPanel(2);
    await request(service.address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png).expect(429);
    release();
    assert.equal(await readMetric(/^panelvec_retry_after_seconds_count (\d+)$/m), told + 1);
    assert.equal(await readMetric(/^panelvec_refused_total\{reason="pictures"\} (\d+)$/m), 1);
  });

  it('shows 0 for what has not happened yet', async () => {
    const text = await readMetrics();
    for (const series of [
      'panelvec_engine_restarts_total{model="tiny@1",device="0",engine="0"}',
      'panelvec_engine_halvings_total{model="tiny@1",device="0",engine="0"}',
      'panelvec_poisoned_total{model="tiny@1"}',
      'panelvec_model_panels_total{model="tiny@1",outcome="not_finite"}',
      'panelvec_canary_ended_total{alias="default",reason="errors"}',
      'panelvec_refused_total{reason="wait"}',
      'panelvec_limited_total{reason="requests"}',
    ]) {
      assert.ok(text.includes(`\n${series} 0\n`), series);
    }
  });

  it('shows whether the service is ready, the memory of its engines, and the disk of its home', async () => {
    assert.equal(await readMetric(/^panelvec_ready (\d)$/m), 1);
    assert.ok((await readMetric(/^panelvec_engine_resident_bytes\{.*\} (\S+)$/m)) > 1e7);
    const size = await readMetric(/^panelvec_home_size_bytes (\S+)$/m);
    const free = await readMetric(/^panelvec_home_free_bytes (\S+)$/m);
    assert.ok(free > 0 && free < size, `${free} of ${size}`);
    // Jobs and search are off.
    assert.doesNotMatch(await readMetrics(), /^panelvec_database_up\{/m);
  });

  it('shows the state of queue, engines, models and event loop', async () => {
    const { space } = service.services.models.all[0]!;
    assert.equal(await readMetric(/panelvec_engine_up\{model="[^"]+",device="0",engine="0",provider="cpu"\} (\d)/), 1);
    assert.equal(
      await readMetric(new RegExp(`panelvec_model_info\\{model="tiny@1",space="${space}",dimensions="16"\\} (\\d)`)),
      1,
    );
    assert.equal(await readMetric(/panelvec_queue_items (\d+)/), 0);
    assert.equal(await readMetric(/panelvec_items_in_work (\d+)/), 0);
    assert.ok((await readMetric(/panelvec_event_loop_delay_seconds\{percentile="99"\} (\S+)/)) >= 0);
  });
});

describe('an alias of a model', () => {
  it('is answered on every route, with the real id', async () => {
    const body = { input: 'a cat', model: 'text-embedding-3-small' };
    for (const route of ['', '/text']) {
      const response = await request(service.address).post(`/v1/embeddings${route}`).send(body).expect(200);
      assert.equal(response.body.model, 'tiny@1');
    }
    const { body: model } = await request(service.address).get('/v2/models/text-embedding-3-small').expect(200);
    assert.equal(model.name, 'tiny');
  });
});

describe('GET /v1/models', () => {
  it('names the space, the modes and the provider in use', async () => {
    const { body } = await request(service.address).get('/v1/models').expect(200);
    const [model] = body.data;
    assert.deepEqual([model.id, model.default, model.fusion_mode, model.dimensions], ['tiny@1', true, 'present', 16]);
    assert.deepEqual(model.engines, [{ device: 0, index: 0, provider: 'cpu', fallback: null }]);
    const { mtimeMs } = await stat(path.join(service.folder, 'model.json'));
    assert.deepEqual(
      [model.object, model.created, model.owned_by, model.aliases],
      ['model', Math.floor(mtimeMs / 1000), 'panelvec', ['text-embedding-3-small']],
    );
    for (const id of ['tiny', 'tiny@1', 'text-embedding-3-small']) {
      assert.deepEqual((await request(service.address).get(`/v1/models/${id}`).expect(200)).body, model);
    }
  });
});
