import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import request from 'supertest';
import { fillCollection } from '../support/collection-service.ts';
import { startService } from '../support/in-process-service.ts';
import { activate } from '../support/promotion-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

it('protects the collections of an active model that cannot be loaded here', async (t) => {
  const tiny = await makeTinyModel();
  const { home, folder } = tiny;
  t.after(() => tiny.remove());
  await makeTinyModel({ home, name: 'base', seed: 2 });
  await makeTinyModel({ home, name: 'next', seed: 3 });
  const start = () =>
    startService({
      PANELVEC_HOME: home,
      PANELVEC_MODELS: 'base',
      PANELVEC_JOBS: 'on',
      PANELVEC_SEARCH: 'on',
      PANELVEC_WORKERS: '0',
    });
  let service = await start();
  t.after(() => service.close());
  await activate(service.address, 'tiny@1');
  const { space } = service.services.registry.get('tiny@1');
  await fillCollection(service, home, 'shelf', [{ canonicalId: 'a', texts: ['b'] }], space);
  await service.close();
  await rename(folder, path.join(home, 'elsewhere'));
  service = await start();
  const activateNext = (force: boolean) => request(service.address).post('/v1/models/next@1/activate').send({ force });
  const { status, body } = await activateNext(false);
  assert.deepEqual([status, body.error?.code], [409, 'force_required'], JSON.stringify(body));
  assert.match(body.error.message, /"shelf"/);
  const canary = await request(service.address).post('/v1/models/next@1/activate').send({ canary: 0.5 });
  assert.match(canary.body.error?.message ?? '', /the canary next@1 embeds into the space/);
  assert.equal((await activateNext(true)).status, 200);
});
