import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../src/http/server.ts';
import { startService } from '../support/in-process-service.ts';
import { type Ask, activate, createAsks, rollback } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
let address: string;
let asks: Readonly<Record<'text' | 'picture' | 'page', Ask>>;

before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  await makeTinyModel({ home: tiny.home, name: 'second', seed: 2 });
  await makeTinyModel({ home: tiny.home, name: 'third', seed: 3 });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'first',
    PANELVEC_JOBS: 'on',
    PANELVEC_WORKERS: '0',
  });
  address = service.address;
  asks = await createAsks();
});
after(async () => {
  await service?.close();
  await tiny?.remove();
});

const modelOf = async (name?: string) => (await asks.text(address, name)).model;

describe('an activation', () => {
  it('changes what requests without a model use, and a rollback brings back the model before', async () => {
    const first = await asks.page(address);
    assert.equal(first.model, 'first@1');
    const activated = await activate(address, 'second@1');
    assert.equal(activated.model, 'second@1');
    assert.equal(activated.previous, 'first@1');
    const second = await asks.page(address);
    assert.equal(second.model, 'second@1');
    assert.notEqual(second.vector, first.vector);
    assert.equal((await asks.page(address, 'second')).vector, second.vector);
    const back = await rollback(address);
    assert.deepEqual([back.model, back.previous], ['first@1', null]);
    assert.deepEqual(await asks.page(address), first);
  });

  it('is refused by a second rollback, so that a double click does not bring the bad model back', async () => {
    const response = await request(address).post('/v1/models/rollback');
    assert.equal(response.status, 409);
    assert.equal(response.body.error.code, 'nothing_to_roll_back');
    assert.equal(await modelOf(), 'first@1');
  });
});

describe('the name of a model', () => {
  const remove = async (path: string) => {
    const response = await request(address).delete(path);
    assert.equal(response.status, 200, response.text);
  };

  it('can become that of an alias, which is rolled back and removed as before', async () => {
    await activate(address, 'second', { alias: 'stable' });
    await activate(address, 'third', { alias: 'stable' });
    await makeTinyModel({ home: tiny.home, name: 'stable', seed: 4 });
    await request(address).get('/v1/models/stable').expect(200);
    assert.equal((await rollback(address, 'stable')).model, 'second@1');
    assert.equal(await modelOf('stable'), 'second@1');
    await remove('/v1/aliases/stable');
  });

  it('means the new model where one was removed, although engines of that are still there', async () => {
    await activate(address, 'third', { alias: 'trial' });
    const old = await asks.text(address, 'trial');
    await remove('/v1/aliases/trial');
    await remove('/v1/models/third@1');
    await makeTinyModel({ home: tiny.home, name: 'third', seed: 33 });
    await activate(address, 'third', { alias: 'trial' });
    const replacement = await asks.text(address, 'trial');
    assert.equal(replacement.model, old.model);
    assert.notEqual(replacement.vector, old.vector);
    // The same weights under another id
    await makeTinyModel({ home: tiny.home, name: 'twin', seed: 33 });
    await activate(address, 'twin', { alias: 'other' });
    assert.equal(replacement.vector, (await asks.text(address, 'other')).vector);
  });
});
