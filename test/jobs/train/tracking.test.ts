import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Corpus, makeCorpus } from '../../support/corpus.ts';
import { freePort } from '../../support/databases.ts';
import { startJobService } from '../../support/job-service.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { lastCheckpoint, recordsOf, trainSpec } from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait.ts';
import { MlflowServer } from '../../training/history/mlflow-server.ts';

let corpus: Corpus;
let home: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [corpus, home] = await Promise.all([makeCorpus(60, { pagesPerBook: 4 }), makeTinyModel()]);
});
after(async () => {
  await corpus.remove();
  await home.remove();
});

const start = (uri: string) =>
  startJobService(home.home, corpus, {
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_EXPERIMENT_NAME: 'comics',
    MLFLOW_TRACKING_TOKEN: 'secret',
  });

describe('an MLflow server', () => {
  it('is told of a training: a run that ends, with its fields and what was measured', async () => {
    await using server = await MlflowServer.start();
    const service = await start(server.uri);
    try {
      const { id } = await service.submit(trainSpec(corpus, 'tracked'));
      assert.equal((await service.end(id)).state, 'succeeded');
      const [run, ...more] = server.runs.values();
      assert.deepEqual([more.length, run!.name, run!.status], [0, 'tracked', 'FINISHED']);
      assert.deepEqual([...server.experiments.keys()], ['comics']);
      assert.deepEqual([...server.authorizations], ['Bearer secret']);
      assert.equal(run!.tags.get('panelvec.job'), id);
      assert.deepEqual(
        ['training.weights.contrastive', 'training.batch_size', 'model.base'].map((name) => run!.params.get(name)),
        ['1', '4', 'tiny@1'],
      );
      const told = new Set(run!.metrics.map(({ key, step, value }) => `${key} ${step} ${value}`));
      for (const { step, values } of recordsOf(home.home, 'tracked')) {
        for (const [name, value] of Object.entries(values)) assert.ok(told.has(`${name} ${step} ${value}`), name);
      }
    } finally {
      await service.stop();
    }
  });

  it('is told of the same run when the training goes on behind a worker that was killed', async () => {
    await using server = await MlflowServer.start();
    const service = await start(server.uri);
    try {
      const { id } = await service.submit(
        trainSpec(corpus, 'killed', { training: { epochs: 40, save_every_steps: 5 } }),
      );
      await waitFor('some steps', () => lastCheckpoint(home.home, 'killed') > 20, 60_000);
      assert.equal(server.runs.size, 1);
      for (const pid of service.pids('panelvec-worker')) process.kill(pid, 'SIGKILL');
      assert.equal((await service.end(id)).state, 'succeeded');
      assert.deepEqual(
        Array.from(server.runs.values(), ({ status }) => status),
        ['FINISHED'],
      );
    } finally {
      await service.stop();
    }
  });

  it('that is away changes nothing', async () => {
    const service = await start(`http://127.0.0.1:${await freePort()}`);
    try {
      const { id } = await service.submit(trainSpec(corpus, 'untracked'));
      const { state, artifacts } = await service.end(id);
      assert.deepEqual([state, artifacts.length], ['succeeded', 5]);
    } finally {
      await service.stop();
    }
  });
});
