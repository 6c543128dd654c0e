import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { ModelResponse } from '../../src/http/routes/service/model-schemas.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { activate } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

/** Two books of six pages. */
const PAGES = 12;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let corpus: Corpus;
let service: JobService;
let evaluation: string;
before(async () => {
  [tiny, corpus] = await Promise.all([makeTinyModel(), makeCorpus(PAGES, { pagesPerBook: 6 })]);
  await makeTinyModel({ home: tiny.home, name: 'rival', seed: 2 });
  await makeTinyModel({ home: tiny.home, name: 'spare', seed: 3 });
  service = await startJobService(tiny.home, corpus);
  const { dataset } = corpus;
  const job = await service.submit({ type: 'evaluate', output: 'both', dataset, models: ['tiny', 'rival'] });
  const { state, error } = await service.waitForEnd(job.id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  evaluation = job.id;
});
after(async () => {
  await service?.stop();
  await corpus?.remove();
  await tiny?.remove();
});

async function getModel(name: string): Promise<ModelResponse> {
  const { body } = await request(service.address).get('/v1/models').expect(200);
  return body.data.find((model: ModelResponse) => model.name === name) ?? assert.fail(`no ${name}`);
}

/** The retrieval measures of the only evaluation of a model. */
async function getRetrieval(name: string): Promise<Map<string, number>> {
  const { measures } = await getModel(name);
  assert.deepEqual(
    measures.map((measured) => measured.evaluation),
    [evaluation],
  );
  const entries = Object.entries(measures[0]?.measures ?? {});
  return new Map(
    entries.flatMap(([measure, stored]) =>
      measure.startsWith('retrieval.') && 'value' in stored ? [[measure, stored.value]] : [],
    ),
  );
}

async function refuse(name: string, require: object) {
  const response = await request(service.address).post(`/v1/models/${name}@1/activate`).send({ require });
  const { code, message } = response.body.error;
  assert.equal((await getModel('tiny')).default, true);
  return { status: response.status, code, message };
}

describe('an activation that wants an evaluate job passed', () => {
  it('finds the measures of all contenders with the models, served or not', async () => {
    const [served, other, spare] = await Promise.all(['tiny', 'rival', 'spare'].map(getModel));
    assert.deepEqual([served?.served, other?.served, spare?.measures], [true, false, []]);
    assert.match(other?.measures[0]?.fingerprint ?? '', /^[0-9a-f]{64}$/);
    assert.equal(served?.measures[0]?.fingerprint, other?.measures[0]?.fingerprint);
    assert.ok((await getRetrieval('rival')).size > 0);
  });

  it('is refused for a model that the job found worse, with each figure', async () => {
    const [ofTiny, ofRival] = await Promise.all([getRetrieval('tiny'), getRetrieval('rival')]);
    const worse = [...ofTiny].filter(([measure, value]) => value - (ofRival.get(measure) ?? 0) > 0.02 + 1e-9);
    assert.ok(worse.length > 0, 'the seed of the rival makes it worse');
    const { status, code, message } = await refuse('rival', { evaluation });
    assert.deepEqual([status, code], [409, 'evaluation_worse']);
    for (const [measure, value] of worse) {
      const figures = `${measure} is ${ofRival.get(measure)?.toFixed(4)} against ${value.toFixed(4)}`;
      assert.ok(message.includes(figures), `${figures} in ${message}`);
    }
    assert.equal(message.split(' against ').length - 1, worse.length, 'no other measure is named');
  });

  it('is refused for a model that the job did not measure, and for an unknown job', async () => {
    const unmeasured = await refuse('spare', { evaluation });
    assert.deepEqual([unmeasured.status, unmeasured.code], [409, 'evaluation_mismatch']);
    const unknown = await refuse('rival', { evaluation: randomUUID() });
    assert.deepEqual([unknown.status, unknown.code], [409, 'evaluation_mismatch']);
  });

  it('passes where the margins are wide enough', async () => {
    const margins = Object.fromEntries([...(await getRetrieval('rival')).keys()].map((measure) => [measure, 1]));
    const { model, previous } = await activate(service.address, 'rival@1', { require: { evaluation, margins } });
    assert.deepEqual([model, previous], ['rival@1', 'tiny@1']);
    assert.equal((await getModel('rival')).default, true);
  });
});

describe('the removal of a model', () => {
  it('is in the audit, once', async () => {
    const { address } = service;
    await request(address).delete('/v1/models/rival@1').expect(409);
    await request(address).delete('/v1/models/spare@1').expect(200);
    const lines = await waitFor('the audit', async () => {
      const { body } = await request(address).get('/v1/audit').query({ action: 'model.remove' }).expect(200);
      return body.data.length > 0 && body.data;
    });
    assert.deepEqual(
      lines.map(({ caller, subject }: Record<string, unknown>) => [caller, subject]),
      [['anonymous', 'spare@1']],
    );
  });
});
