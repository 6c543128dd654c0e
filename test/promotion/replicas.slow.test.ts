import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { AliasResponse } from '../../src/http/routes/promotion/alias-schemas.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { findChildPids } from '../support/job-service-process.ts';
import { type Ask, activate, createAsks, rollback } from '../support/promotion-service.ts';
import { type ServiceProcess, spawnService } from '../support/service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

/** All services follow a change within this time. */
const FOLLOW_MS = 5000;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let database: TestDatabase;
let text: Ask;
let services: ServiceProcess[] = [];

before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  await makeTinyModel({ home: tiny.home, name: 'second', seed: 2 });
  await makeTinyModel({ home: tiny.home, name: 'third', seed: 3 });
  database = await startPostgres();
  text = (await createAsks()).text;
  services = await Promise.all([start(), start()]);
});
after(async () => {
  for (const service of services) await kill(service);
  await database?.stop();
  await tiny?.remove();
});

const start = (environment: Record<string, string> = {}) =>
  spawnService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'first',
    DATABASE_URL: database.url ?? assert.fail(),
    ...environment,
  });

async function kill({ child, exited }: ServiceProcess): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

async function aliasOf({ address }: ServiceProcess, name = 'default'): Promise<AliasResponse | undefined> {
  const { body } = await request(address).get('/v1/aliases').expect(200);
  return body.data.find(({ alias }: AliasResponse) => alias === name);
}

/** Waits until every service answers as the check says. @throws Error after five seconds */
async function waitForAllServices(description: string, check: (service: ServiceProcess) => Promise<boolean>) {
  await Promise.all(services.map((service) => waitFor(description, () => check(service), FOLLOW_MS)));
}

const waitForModel = (id: string) =>
  waitForAllServices(`${id} in every service`, async ({ address }) => (await text(address)).model === id);

describe('services of one database', () => {
  it('follow an activation, whoever got it, and a rollback', async () => {
    const [a, b] = services as [ServiceProcess, ServiceProcess];
    await waitForModel('first@1');
    await activate(a.address, 'second@1');
    assert.equal((await text(a.address)).model, 'second@1', 'the one that activated it answers with it at once');
    await waitForModel('second@1');
    await rollback(b.address);
    assert.equal((await text(b.address)).model, 'first@1');
    await waitForModel('first@1');
    await activate(b.address, 'second@1', { alias: 'stable' });
    await waitForAllServices('the alias', async (service) => {
      const alias = await aliasOf(service, 'stable');
      return alias?.model === 'second@1' && alias.problem === null;
    });
    for (const { address } of services) assert.equal((await text(address, 'stable')).model, 'second@1');
  });

  it('follow a canary and its end', async () => {
    const [a, b] = services as [ServiceProcess, ServiceProcess];
    await activate(a.address, 'third@1', { canary: 0.5, force: true });
    const isShared = async (service: ServiceProcess) => {
      const alias = await aliasOf(service);
      return alias?.canary?.model === 'third@1' && alias.problem === null;
    };
    await waitForAllServices('the canary', isShared);
    const ended = await rollback(b.address);
    assert.equal(ended.model, 'first@1');
    assert.equal(ended.last_canary?.model, 'third@1');
    await waitForAllServices('its end', async (service) => (await aliasOf(service))?.canary === null);
  });

  it('go on when one is killed in the middle of an activation; it joins again with the current choice', async () => {
    const [a, b] = services as [ServiceProcess, ServiceProcess];
    const cutOff = request(a.address)
      .post('/v1/models/third@1/activate')
      .send({})
      .catch(() => undefined);
    // The new model's engine runs beside the old one's.
    await waitFor('the load', async () => findChildPids(a.child.pid ?? 0, 'panelvec-engine').length > 1);
    await kill(a);
    await cutOff;
    // Whether it had been written already or not, the other one goes on.
    const { previous } = await activate(b.address, 'second@1');
    assert.ok(previous === 'first@1' || previous === 'third@1', String(previous));
    services = [await start(), b];
    const [joined] = services;
    // Not even the first answer is of another model.
    assert.equal((await text(joined?.address ?? '')).model, 'second@1');
    assert.equal((await text(joined?.address ?? '', 'stable')).model, 'second@1');
    await rollback(b.address);
    await waitForModel(previous);
  });

  it('keep the model that they have, say so and try again, where they cannot load the new one', async (t) => {
    const { home, remove } = await makeTinyModel({ name: 'first' });
    const poor = await start({ PANELVEC_HOME: home });
    t.after(async () => {
      await kill(poor);
      await remove();
    });
    const { address } = poor;
    const [a] = services as [ServiceProcess];
    const { model: before } = (await aliasOf(a)) ?? assert.fail();
    const after = before === 'second@1' ? 'third@1' : 'second@1';
    if (before !== 'first@1') await activate(a.address, 'first@1');
    await waitFor('the start', async () => (await text(address)).model === 'first@1', FOLLOW_MS);
    await activate(a.address, after);
    const problem = await waitFor('the problem', async () => (await aliasOf(poor))?.problem, FOLLOW_MS);
    assert.match(problem, new RegExp(`alias "default" does not mean ${after} here yet \\(.*: first@1 goes on`));
    assert.equal((await text(address)).model, 'first@1');
    const ready = await request(address).get('/health/ready').expect(200);
    assert.ok(ready.body.problems.includes(problem), JSON.stringify(ready.body));
    assert.match((await request(address).get('/metrics')).text, /panelvec_alias_in_sync\{alias="default"\} 0/);

    const seed = after === 'second@1' ? 2 : 3;
    await makeTinyModel({ home, name: after.replace('@1', ''), seed });
    await waitFor('the model', async () => (await text(address)).model === after);
    assert.equal((await aliasOf(poor))?.problem, null);
  });

  it('refuse requests where the choice cannot be loaded at the start, rather than answer with another model', async (t) => {
    const { home, remove } = await makeTinyModel({ name: 'first' });
    const [a] = services as [ServiceProcess];
    await activate(a.address, 'second@1');
    const poor = await start({ PANELVEC_HOME: home });
    t.after(async () => {
      await kill(poor);
      await remove();
    });
    const { address } = poor;
    const { body } = await request(address)
      .post('/v1/embeddings/text')
      .send({ input: ['a'] })
      .expect(503);
    assert.equal(body.error.code, 'model_unavailable');
    assert.equal((await text(address, 'first')).model, 'first@1');
    assert.equal((await request(address).get('/health/ready').expect(503)).body.status, 'unavailable');
    await makeTinyModel({ home, name: 'second', seed: 2 });
    await waitFor('the model', async () => (await request(address).get('/health/ready')).status === 200);
    assert.equal((await text(address)).model, 'second@1');
  });
});
