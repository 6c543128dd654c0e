import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import request from 'supertest';
import { useCollectionService } from '../../../support/collection-service.ts';
import { activate, rollback } from '../../../support/promotion-service.ts';

const service = useCollectionService();
const get = async (path: string) => (await request(service.address).get(path).expect(200)).body;
const remove = (id: string) => request(service.address).delete(`/v1/models/${id}`);

/** Makes a copy of the model with another name, and with another space unless it has the same number of tokens. */
async function makeModel(name: string, maxTokens: number): Promise<string> {
  const folder = path.join(service.home, 'models', name);
  await rm(folder, { recursive: true, force: true });
  await cp(service.folder, folder, { recursive: true });
  const file = path.join(folder, 'model.json');
  const spec = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...spec, name, text: { ...spec.text, max_tokens: maxTokens } }));
  return folder;
}

async function assertInUse(id: string, message: RegExp): Promise<void> {
  const { body } = await remove(id).expect(409);
  assert.deepEqual([body.error.code, body.error.param], ['model_in_use', 'id']);
  assert.match(body.error.message, message);
}

describe('the models of a service', () => {
  beforeEach(async () => {
    await makeModel('other', 20);
  });

  it('are listed whether they are served or not, with the state of each', async () => {
    await mkdir(path.join(service.home, 'models/bad'), { recursive: true });
    await writeFile(path.join(service.home, 'models/bad/model.json'), '{}');
    const { data, unreadable } = await get('/v1/models');
    const [tiny, ...others] = data;
    assert.deepEqual(
      [tiny.id, tiny.state, tiny.served, tiny.loaded, tiny.problem, tiny.default],
      ['tiny@1', 'active', true, true, null, true],
    );
    const other = others.find(({ id }: { id: string }) => id === 'other@1');
    assert.deepEqual(
      [other.state, other.served, other.loaded, other.default, other.engines, other.measures],
      ['available', false, false, false, [], []],
    );
    assert.notEqual(other.space, tiny.space);
    assert.match(other.weights_sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(await get('/v1/models/other'), other);
    assert.deepEqual(await get('/v1/models/other@1/card'), {
      object: 'model_card',
      model: 'other@1',
      text: null,
      tables: [],
    });
    assert.equal(unreadable.length, 1);
    assert.equal(unreadable[0].folder, 'bad');
  });

  it('are broken, with the reason, where their files changed or vanished', async () => {
    const folder = await makeModel('changing', 12);
    await get('/v1/models/changing');
    const hidden = path.join(service.home, 'hidden');
    await rename(folder, hidden);
    const vanished = await get('/v1/models/changing');
    assert.equal(vanished.state, 'broken');
    assert.match(vanished.problem, /has vanished/);
    await rename(hidden, folder);
    assert.equal((await get('/v1/models/changing')).state, 'available');
  });

  it('are removed if nothing needs them, and stay known as retired', async () => {
    const folder = path.join(service.home, 'models/other');
    await get('/v1/models');
    const { body } = await remove('other@1').expect(200);
    assert.deepEqual(body, { id: 'other@1', object: 'model', deleted: true });
    assert.ok(!existsSync(folder));
    assert.deepEqual(
      (await readdir(path.dirname(folder))).filter((name) => name.startsWith('.removed')),
      [],
    );
    assert.equal((await get('/v1/models/other@1')).state, 'retired');
    const refused = await request(service.address).post('/v1/models/other@1/activate').expect(409);
    assert.match(refused.body.error.message, /was removed/);
    await makeModel('other', 20);
    assert.equal((await get('/v1/models/other@1')).state, 'available', 'a new folder is entered anew');
    await remove('nobody@1').expect(404);
  });

  it('stay where settings or aliases need them', async () => {
    await assertInUse('tiny@1', /PANELVEC_MODELS names it; the alias "default" means it/);
    await assertInUse('compact@4', /it comes with panelvec/);
    await activate(service.address, 'other@1');
    await assertInUse('other@1', /the alias "default" means it/);
    await activate(service.address, 'tiny@1');
    await assertInUse('other@1', /a rollback of the alias "default" brings it back/);
    await rollback(service.address);
    await activate(service.address, 'tiny@1');
    await request(service.address).delete('/v1/aliases/default').expect(200);
    await activate(service.address, 'other@1', { canary: 0.5, force: true });
    await assertInUse('other@1', /it is the canary of the alias "default"/);
    await request(service.address).delete('/v1/aliases/default').expect(200);
  });

  it('stay where vectors of their space are stored, unless another model makes the same', async () => {
    const { space } = await get('/v1/models/other@1');
    const store = path.join(service.home, 'stores/kept/embeddings.zarr');
    await mkdir(store, { recursive: true });
    await writeFile(path.join(store, '.zattrs'), JSON.stringify({ space }));
    await service.fill('shelf', [{ canonicalId: 'a', texts: ['b'] }], space);
    await assertInUse('other@1', /the store "kept" is in its space; the collection "shelf" is in its space/);
    await makeModel('twin', 20);
    await remove('other@1').expect(200);
    await assertInUse('twin@1', /the store "kept"/);
  });

  it('stay where a job that has not ended names them', async () => {
    const id = randomUUID();
    const spec = { type: 'train', output: 'x', model: { base: 'other@1' } };
    const insert = "INSERT INTO panelvec.jobs (id, type, spec, state) VALUES ($1, 'train', $2, $3)";
    await service.services.database.use((database) => database.query(insert, [id, JSON.stringify(spec), 'running']));
    await assertInUse('other@1', new RegExp(`the train job ${id} needs it`));
  });

  it('stay where the last look at aliases finds one', async () => {
    const { registry } = service.services;
    await assert.rejects(
      registry.remove('other@1', async () => {
        throw new Error('in use');
      }),
      /in use/,
    );
    assert.equal((await get('/v1/models/other@1')).state, 'available');
  });
});
