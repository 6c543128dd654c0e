import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { openServedModel } from '../../../src/embedding/served-model.ts';
import type { RunningService } from '../../../src/http/server.ts';
import { findModel } from '../../../src/model/model-folders.ts';
import { startService } from '../../support/in-process-service.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const NAMES = ['first', 'second', 'third', 'fourth'] as const;

describe('models that come and go beside a job', () => {
  let home: Awaited<ReturnType<typeof makeTinyModel>>;
  let corpus: Corpus;
  let service: RunningService;
  before(async () => {
    corpus = await makeCorpus(20);
    home = await makeTinyModel({ name: NAMES[0] });
    for (const name of NAMES.slice(1)) {
      const made = await makeTinyModel({ name });
      await cp(made.folder, path.join(home.home, 'models', name), { recursive: true });
      await made.remove();
    }
    service = await startService({
      PANELVEC_HOME: home.home,
      PANELVEC_MODELS: 'first,second,third',
      // Two of these models fit; the first one is the default and stays.
      PANELVEC_MODELS_MEMORY_BYTES: String(380 * 2 ** 20),
      PANELVEC_JOBS: 'on',
      PANELVEC_DATA_ROOTS: corpus.folder,
    });
  });
  after(async () => {
    await service.close();
    await Promise.all([home.remove(), corpus.remove()]);
  });

  const embed = (model: string) =>
    request(service.address).post('/v1/embeddings').send({ model, input: 'a cat' }).expect(200);
  const loadedModels = () => NAMES.filter((name) => service.services.pool.isLoaded(`${name}@1`));
  const loads = async (name: string) => {
    const { text } = await request(service.address).get('/metrics');
    return Number(new RegExp(`panelvec_model_loads_total\\{model="${name}@1"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };
  async function runJob(model: string): Promise<void> {
    const spec = { type: 'embed', model, output: `store-${model}`, dataset: corpus.dataset };
    const { body } = await request(service.address).post('/v1/jobs').send(spec).expect(202);
    const job = await waitFor(
      'the end of the job',
      async () => {
        const { body: current } = await request(service.address).get(`/v1/jobs/${body.id}`);
        return ['succeeded', 'failed'].includes(current.state) && current;
      },
      60_000,
    );
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  }

  it('starts with as many models as fit, and serves the others when they are asked for', async () => {
    assert.deepEqual(loadedModels(), ['first', 'second']);
    const { body } = await embed('third');
    assert.equal(body.model, 'third@1');
    assert.deepEqual(loadedModels(), ['first', 'third']);
    assert.equal((await request(service.address).get('/health/ready')).status, 200);
  });

  it('has a model come back for a job', async () => {
    await runJob('second');
    assert.deepEqual(loadedModels(), ['first', 'second']);
    assert.equal(await loads('second'), 2);
  });

  it('lets a worker that runs already use the engines of a model that is served since', async () => {
    const { pool, models } = service.services;
    const fourth = await openServedModel(await findModel(path.join(home.home, 'models/fourth'), []));
    models.add(fourth);
    pool.register(fourth.model);
    await runJob('fourth');
    assert.equal(await loads('fourth'), 1);
  });
});
