import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { RunningService } from '../../src/http/server.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { startService } from '../support/in-process-service.ts';
import { type Ask, activate, createAsks, rollback } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let database: TestDatabase;
let proxy: DatabaseProxy;
let service: RunningService;
let text: Ask;

before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  await makeTinyModel({ home: tiny.home, name: 'second', seed: 2 });
  database = await startPostgres();
  proxy = await startDatabaseProxy(database.url ?? assert.fail());
  service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'first', DATABASE_URL: proxy.url });
  text = (await createAsks()).text;
});
after(async () => {
  await service?.close();
  await proxy?.stop();
  await database?.stop();
  await tiny?.remove();
});

const isLoaded = (id: string) => service.services.pool.isLoaded(id);

describe('a database that goes away', () => {
  it('before the change is written: the activation is refused and undone, and requests go on', async () => {
    const { address } = service;
    const cut = proxy.cutAt('INSERT INTO panelvec.model_aliases');
    const activation = request(address)
      .post('/v1/models/second@1/activate')
      .then((response) => response);
    await cut;
    assert.ok(isLoaded('second@1'), 'it was loaded beside the other');
    const { status, body } = await activation;
    assert.equal(status, 503);
    assert.equal(body.error.code, 'database_unavailable');
    assert.equal((await text(address)).model, 'first@1');
    await waitFor('the model to leave', () => !isLoaded('second@1'));
    await request(address).get('/health/ready').expect(200);
    const { body: refusal } = await request(address).post('/v1/models/rollback').expect(503);
    assert.equal(refusal.error.code, 'database_unavailable');
  });

  it('and comes back: activations work again', async () => {
    proxy.restore();
    const activated = await activate(service.address, 'second@1');
    assert.equal(activated.model, 'second@1');
    assert.equal((await text(service.address)).model, 'second@1');
  });

  it('while a canary ends: it gets no more requests at once, and the database hears of it later', async () => {
    const { address, services } = service;
    const { canary } = await activate(address, 'first@1', { canary: 0.5, force: true });
    proxy.cut();
    await services.promotions.endCanary(canary?.id ?? '', 'it was too slow');
    assert.equal(services.models.hasCanary, false);
    proxy.restore();
    const ended = await waitFor('the end in the database', async () => {
      const { body } = await request(address).get('/v1/aliases');
      return body.data[0].canary === null ? body.data[0] : undefined;
    });
    assert.equal(ended.last_canary.reason, 'it was too slow');
    assert.equal(ended.model, 'second@1');
    const { previous } = await rollback(address);
    assert.equal(previous, null);
  });
});
