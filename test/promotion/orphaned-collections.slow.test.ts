import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { type IndexService, startIndexService } from '../support/index-service.ts';
import { activate } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

const PAGES = 6;

let index: IndexService;
let address: string;
before(async () => {
  const addModels = async (home: string) => {
    await makeTinyModel({ home, name: 'base', seed: 2 });
    await makeTinyModel({ home, name: 'next', seed: 3 });
  };
  // The space of a model of PANELVEC_MODELS always has a model: the collection belongs to another.
  index = await startIndexService(async () => undefined, PAGES, { PANELVEC_MODELS: 'base' }, addModels);
  const { service, corpus } = index;
  address = service.address;
  await activate(address, 'tiny@1');
  const { id } = await service.submit({ type: 'index', output: 'shelf', dataset: corpus.dataset });
  const { state, error } = await service.waitForEnd(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
});
after(() => index?.stop());

async function assertForceRequired(response: request.Response): Promise<void> {
  const { status, body } = response;
  assert.deepEqual([status, body.error?.code, body.error?.param], [409, 'force_required', 'force'], response.text);
  assert.match(body.error.message, /these collections: "shelf" \(vectors of tiny@1 in \w+\)\. /);
  assert.equal(await search(), 200);
}

/** Searches the collection for a text, with whatever model has its space. */
async function search(): Promise<number> {
  const { status } = await request(address).post('/v1/search').send({ collection: 'shelf', text: 'boom!', top_k: 1 });
  return status;
}

const activateWithoutForce = (id: string) => request(address).post(`/v1/models/${id}/activate`).send({});

describe('a collection in the space of the active model', () => {
  it('is searched while that is active', async () => {
    assert.equal(await search(), 200);
  });

  it('stops an activation after which no model would have its space, and the removal of the alias', async () => {
    await assertForceRequired(await activateWithoutForce('next@1'));
    await assertForceRequired(await activateWithoutForce('base@1'));
    await assertForceRequired(await request(address).delete('/v1/aliases/default'));
  });

  it('stops none where another alias keeps its model', async () => {
    await activate(address, 'tiny@1', { alias: 'kept' });
    const { model } = await activate(address, 'next@1');
    assert.equal(model, 'next@1');
    assert.equal(await search(), 200);
    await assertForceRequired(await request(address).delete('/v1/aliases/kept'));
    await activate(address, 'tiny@1');
    await request(address).delete('/v1/aliases/kept').expect(200);
  });

  it('does not stop one with force', async () => {
    await assertForceRequired(await activateWithoutForce('next@1'));
    const { model, previous } = await activate(address, 'next@1', { force: true });
    assert.deepEqual([model, previous], ['next@1', 'tiny@1']);
  });
});
