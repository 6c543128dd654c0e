import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import request from 'supertest';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const COLLECTION_TIMEOUT_MS = 180_000;

let folder: string;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-empty-'));
  tiny = await makeTinyModel();
});
after(async () => {
  await service.stop();
  await tiny.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the service with a data root that does not hold the examples. */
const start = () =>
  startJobService(tiny.home, { folder }, { PANELVEC_SEARCH: 'on', PANELVEC_EXAMPLE_COLLECTION: 'on' });
const get = (url: string) => request(service.address).get(url);

it('a service without collections indexes the example pages once, and shows their pictures', async () => {
  service = await start();
  const collection = await waitFor(
    'the collection of the examples',
    async () => (await get('/v1/collections')).body.data[0],
    COLLECTION_TIMEOUT_MS,
  );
  assert.deepEqual([collection.name, collection.pages, collection.panels], ['examples', 4, 20]);
  const query = { collection: 'examples', text: 'who goes there?', top_k: 1 };
  const { body } = await request(service.address).post('/v1/search').send(query).expect(200);
  await get(body.data[0].image_url).expect(200).expect('content-type', 'image/jpeg');

  // One that was deleted does not come back.
  await request(service.address).delete('/v1/collections/examples').expect(200);
  await service.stop();
  service = await start();
  assert.equal((await get('/v1/jobs')).body.data.length, 1);
  assert.deepEqual((await get('/v1/collections')).body.data, []);
});
