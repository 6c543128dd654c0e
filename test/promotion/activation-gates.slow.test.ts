import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../src/http/server.ts';
import { insertMeasures } from '../../src/model-registry/model-measures.ts';
import { startService } from '../support/in-process-service.ts';
import { type Ask, activate, createAsks } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const EVALUATION = '5a4f6b0e-9d3c-4a53-8a57-0e5a6c1d2b3f';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
let address: string;
let asks: Readonly<Record<'text' | 'picture' | 'page', Ask>>;

before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  const { home } = tiny;
  const flipped = await makeTinyModel({ home, name: 'flipped', seed: 2 });
  await flipByte(path.join(flipped.folder, 'head.safetensors'));
  await makeTinyModel({ home, name: 'nan', seed: 3, hasNanWeights: true });
  await makeTinyModel({ home, name: 'worse', seed: 4 });
  await makeTinyModel({ home, name: 'unmeasured', seed: 5 });
  service = await startService({
    PANELVEC_HOME: home,
    PANELVEC_MODELS: 'first',
    PANELVEC_MODEL_ALIASES: 'fixed=first',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
  });
  address = service.address;
  asks = await createAsks();
  const { registry, database } = service.services;
  const models = [
    { id: 'first@1', value: 0.6 },
    { id: 'worse@1', value: 0.5 },
  ].map(({ id, value }) => ({ id, space: registry.get(id).space, measures: { 'retrieval.any': measure(value) } }));
  await database.use((queries) => insertMeasures(queries, { evaluation: EVALUATION, fingerprint: 'a', models }));
});
after(async () => {
  await service?.close();
  await tiny?.remove();
});

const measure = (value: number) => ({ value, low: value, high: value, better: 'higher' }) as const;

/** Changes one bit of the last weight. */
async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  await writeFile(file, bytes);
}

/** Tries an activation while requests of all kinds run, none of which may notice it. */
async function refuse(id: string, body: object = {}) {
  const expected = new Map<string, string>();
  for (const [kind, ask] of Object.entries(asks)) expected.set(kind, (await ask(address)).vector);
  let isOver = false;
  let answers = 0;
  const load = Object.entries(asks).map(async ([kind, ask]) => {
    do {
      assert.deepEqual(await ask(address), { model: 'first@1', vector: expected.get(kind) });
      answers++;
    } while (!isOver);
  });
  const response = await request(address).post(`/v1/models/${id}/activate`).send(body);
  isOver = true;
  await Promise.all(load);
  assert.ok(answers >= load.length);
  await waitFor('the refused model to leave', () => !service.services.pool.isLoaded(id));
  const { body: aliases } = await request(address).get('/v1/aliases').expect(200);
  assert.equal(aliases.data[0].model, 'first@1');
  return { status: response.status, ...response.body.error };
}

describe('the gates of an activation, while requests run', () => {
  it('refuse a model whose weights have one wrong bit, and the registry knows it from then on', async () => {
    const { status, code, message } = await refuse('flipped@1');
    assert.deepEqual([status, code], [409, 'model_invalid']);
    assert.match(message, /head\.safetensors has the SHA-256/);
    assert.match(service.services.registry.get('flipped@1').problem ?? '', /SHA-256/);
    const again = await refuse('flipped@1');
    assert.match(again.message, /flipped@1 is broken/);
  });

  it('refuse a model that an evaluation finds worse than the active one, with the figures', async () => {
    const { status, code, message } = await refuse('worse@1', { require: { evaluation: EVALUATION } });
    assert.deepEqual([status, code], [409, 'evaluation_worse']);
    assert.match(message, /worse@1 is worse than first@1: retrieval\.any is 0\.5000 against 0\.6000, margin 0\.02/);
  });

  it('refuse a model that the evaluation did not measure', async () => {
    const { status, code } = await refuse('unmeasured@1', { require: { evaluation: EVALUATION } });
    assert.deepEqual([status, code], [409, 'evaluation_mismatch']);
  });

  it('refuse a model whose golden inputs get numbers that are not finite', async () => {
    const { status, code, message } = await refuse('nan@1');
    assert.deepEqual([status, code], [409, 'golden_mismatch']);
    assert.match(message, /not finite/);
    assert.equal(service.services.registry.get('nan@1').golden, null, 'nothing is compared with them');
  });

  it('refuse a model that is not there, and aliases that mean something already', async () => {
    for (const [id, body, expected] of [
      ['nobody@1', {}, 'model_not_found'],
      ['worse@1', { alias: 'fixed' }, 'invalid_request'],
      ['worse@1', { alias: 'unmeasured' }, 'invalid_request'],
      ['worse@1', { alias: 'No Name' }, 'invalid_request'],
      ['worse@1', { alias: 'new', canary: 0.1 }, 'invalid_request'],
      ['first@1', { canary: 0.1 }, 'invalid_request'],
      ['worse@1', { canary: 1 }, 'invalid_request'],
    ] as const) {
      const { body: answer } = await request(address).post(`/v1/models/${id}/activate`).send(body);
      assert.equal(answer.error?.code, expected, JSON.stringify([id, body, answer]));
    }
    const { body } = await request(address).post('/v1/models/rollback').send({ alias: 'new' }).expect(404);
    assert.equal(body.error.code, 'alias_unknown');
  });

  it('want force for a canary in another space, whose vectors do not compare', async () => {
    const { status, code, message } = await refuse('worse@1', { canary: 0.5 });
    assert.deepEqual([status, code], [409, 'force_required']);
    assert.match(message, /worse@1 embeds into the space/);
  });

  it('let one of two activations at once pass', async () => {
    const attempts = ['worse@1', 'unmeasured@1'].map(async (id) => {
      const { status, body } = await request(address).post(`/v1/models/${id}/activate`).send({ alias: 'race' });
      return status === 200 ? body.model : body.error.code;
    });
    const outcomes = await Promise.all(attempts);
    assert.equal(outcomes.filter((outcome) => outcome === 'activation_conflict').length, 1, JSON.stringify(outcomes));
    const winner = outcomes.find((outcome) => outcome !== 'activation_conflict');
    assert.equal((await asks.text(address, 'race')).model, winner);
    await request(address).delete('/v1/aliases/race').expect(200);
    assert.equal((await request(address).delete('/v1/aliases/race')).body.error.code, 'alias_unknown');
    const { body } = await request(address)
      .post('/v1/embeddings/text')
      .send({ input: ['a'], model: 'race' });
    assert.equal(body.error.code, 'model_not_found');
  });

  it('let a model pass that may be so much worse', async () => {
    const require = { evaluation: EVALUATION, margins: { 'retrieval.any': 0.11 } };
    const activated = await activate(address, 'worse@1', { require });
    assert.deepEqual([activated.model, activated.previous], ['worse@1', 'first@1']);
    await request(address).delete('/v1/aliases/default').expect(200);
    assert.equal((await asks.text(address)).model, 'first@1', 'the first of PANELVEC_MODELS again');
  });
});
