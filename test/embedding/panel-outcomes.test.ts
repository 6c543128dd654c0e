import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { outcomeOf } from '../../src/embedding/embedding-observer.ts';
import { type ErrorCode, PanelvecError } from '../../src/errors.ts';
import type { RunningService } from '../../src/http/server.ts';
import { drawPanel, drawPngPanel, toDataUri } from '../support/images.ts';
import { startService } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
before(async () => {
  tiny = await makeTinyModel({ divideByBrightness: true });
  service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
});
after(async () => {
  await service.close();
  await tiny.remove();
});

/** The values of a metric by outcome. */
async function readOutcomes(metric: string): Promise<Record<string, number>> {
  const { text } = await request(service.address).get('/metrics').expect(200);
  const lines = text.matchAll(new RegExp(`^${metric}\\{model="tiny@1",outcome="(\\w+)"\\} (\\d+)`, 'gm'));
  return Object.fromEntries([...lines].map(([, outcome, value]) => [outcome, Number(value)]));
}

describe('what comes of the panels and requests of a model', () => {
  it('is counted by outcome, without the mistakes of callers', async () => {
    const white = toDataUri(await drawPngPanel(1));
    const black = toDataUri(await drawPanel(1).linear(0, 0).png().toBuffer());
    const post = (route: string, body: object) => request(service.address).post(route).send(body);
    await post('/v1/embeddings/image', { input: [white, white] }).expect(200);
    await post('/v1/embeddings/text', { input: ['a', 'b', 'c'] }).expect(200);
    await post('/v1/embeddings/image', { input: black }).expect(422);
    await post('/v1/embeddings/image', { input: 'data:image/png;base64,AAAA' }).expect(415);
    const blackTensor = { name: 'images', datatype: 'FP32', shape: [1, 3, 8, 8], data: Array(192).fill(0) };
    await post('/v2/models/tiny/infer', { inputs: [blackTensor] }).expect(422);
    const others = { error: 0, given_up: 0 };
    assert.deepEqual(await readOutcomes('panelvec_model_panels_total'), { ...others, ok: 5, not_finite: 1 });
    assert.deepEqual(await readOutcomes('panelvec_model_requests_total'), { ...others, ok: 2, not_finite: 1 });
    const { text } = await request(service.address).get('/metrics');
    assert.match(text, /panelvec_model_panel_duration_seconds_count\{model="tiny@1"\} 5/);
  });
});

describe('what an error says of the model', () => {
  it('is nothing where another part of the request failed or the caller prepared the tensors', () => {
    const outcome = (code: ErrorCode, isRaw = false, callerSignal?: AbortSignal) =>
      outcomeOf(new PanelvecError(code, 'x'), { isRaw, callerSignal });
    assert.equal(outcome('request_cancelled', false, new AbortController().signal), undefined);
    assert.equal(outcome('request_cancelled', false, AbortSignal.abort()), 'given_up');
    assert.equal(outcome('shutting_down'), undefined);
    assert.equal(outcome('image_unreadable'), undefined);
    assert.equal(outcome('vector_not_finite', true), undefined);
    assert.equal(outcome('vector_not_finite'), 'not_finite');
    assert.equal(outcome('inference_failed'), 'error');
    assert.equal(outcome('engine_unavailable', true), 'error');
    assert.equal(outcomeOf(new Error('x'), { callerSignal: undefined }), undefined);
  });
});
