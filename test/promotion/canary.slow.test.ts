import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../src/http/server.ts';
import { drawPanel, drawPngPanel } from '../support/images.ts';
import { startService } from '../support/in-process-service.ts';
import { activate } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;

before(async () => {
  tiny = await makeTinyModel({ name: 'active' });
  await makeTinyModel({ home: tiny.home, name: 'slow', isSlow: true });
  await makeTinyModel({ home: tiny.home, name: 'sometimes-nan', divideByBrightness: true });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'active',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
  });
});
after(async () => {
  await service?.close();
  await tiny?.remove();
});
afterEach(async () => {
  await request(service.address).delete('/v1/aliases/default').query({ force: true });
});

const postImage = (png: Buffer) =>
  request(service.address).post('/v1/embeddings/image').set('content-type', 'image/png').send(png);

/** The model that a picture is embedded by now. */
async function modelOf(png: Buffer): Promise<string> {
  const { body } = await postImage(png).expect(200);
  return body.model;
}

async function readAlias() {
  const { body } = await request(service.address).get('/v1/aliases').expect(200);
  return body.data.find(({ alias }: { alias: string }) => alias === 'default');
}

async function readMetrics(): Promise<string> {
  return (await request(service.address).get('/metrics').expect(200)).text;
}

describe('a canary', () => {
  it('that is slow goes back by itself, and no request fails', async () => {
    await activate(service.address, 'slow@1', { canary: 0.5, force: true });
    assert.match(await readMetrics(), /panelvec_canary_share\{alias="default",model="slow@1"\} 0\.5/);
    const models: string[] = [];
    await waitFor('the end of the canary', async () => {
      models.push(await modelOf(await drawPngPanel(models.length)));
      return models.length >= 40 && (await readAlias()).canary === null;
    });
    assert.ok(models.filter((model) => model === 'slow@1').length >= 20, models.join());
    const { model, last_canary: last } = await readAlias();
    assert.equal(model, 'active@1');
    assert.equal(last.model, 'slow@1');
    assert.match(
      last.reason,
      /^it is slow: median \d+ ms of its latest \d+ requests with pictures, the active model \S+ ms of like ones$/,
    );
    for (let i = 0; i < models.length; i++) assert.equal(await modelOf(await drawPngPanel(i)), 'active@1');
    const metrics = await readMetrics();
    assert.match(metrics, /panelvec_canary_ended_total\{alias="default",reason="latency"\} 1/);
    assert.doesNotMatch(metrics, /panelvec_canary_share\{/);
  });

  it('that passes the golden check and gives NaN for some pictures goes back at the first of them', async () => {
    await activate(service.address, 'sometimes-nan@1', { canary: 0.5, force: true });
    const black: Buffer[] = [];
    for (let width = 20; width < 60; width++) {
      black.push(await drawPanel(1).linear(0, 0).resize(width, 20, { fit: 'fill' }).png().toBuffer());
    }
    const responses: request.Response[] = [];
    for (const png of black) responses.push(await postImage(png));
    const failed = responses.filter(({ status }) => status !== 200);
    assert.deepEqual(
      failed.map(({ status, body }) => [status, body.error.code]),
      [[422, 'vector_not_finite']],
    );
    await waitFor('the record of the end', async () => (await readAlias()).canary === null);
    const { model, last_canary: last } = await readAlias();
    assert.deepEqual([model, last.model], ['active@1', 'sometimes-nan@1']);
    assert.equal(last.reason, 'it gave a vector that is not finite');
    const again = await postImage(black[responses.indexOf(failed[0]!)]!);
    assert.deepEqual([again.status, again.body.model], [200, 'active@1']);
    assert.match(await readMetrics(), /panelvec_canary_ended_total\{alias="default",reason="not_finite"\} 1/);
  });
});
