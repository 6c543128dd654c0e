import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FakeMlflowServer } from '../../mlflow/fake-mlflow-server.ts';
import { findFreePort } from '../../support/databases.ts';
import { startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { lastCheckpointStep, readHistory, trainSpec } from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

let corpus: Corpus;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [corpus, tinyModel] = await Promise.all([makeCorpus(60, { pagesPerBook: 4 }), makeTinyModel()]);
});
after(async () => {
  await corpus.remove();
  await tinyModel.remove();
});

const startService = (uri: string) =>
  startJobService(tinyModel.home, corpus, {
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_EXPERIMENT_NAME: 'comics',
    MLFLOW_TRACKING_TOKEN: 'secret',
  });

describe('an MLflow server', () => {
  it('has a finished run for a training, with its params and metrics', async () => {
    await using server = await FakeMlflowServer.start();
    const service = await startService(server.uri);
    try {
      const { id } = await service.submit(trainSpec(corpus, 'tracked'));
      assert.equal((await service.waitForEnd(id)).state, 'succeeded');
      const [run, ...otherRuns] = server.runs.values();
      assert.deepEqual([otherRuns.length, run!.name, run!.status], [0, 'tracked', 'FINISHED']);
      assert.deepEqual([...server.experiments.keys()], ['comics']);
      assert.deepEqual([...server.authorizations], ['Bearer secret']);
      assert.equal(run!.tags.get('panelvec.job'), id);
      assert.deepEqual(
        ['training.weights.contrastive', 'training.batch_size', 'model.base'].map((name) => run!.params.get(name)),
        ['1', '4', 'tiny@1'],
      );
      const loggedMetrics = new Set(run!.metrics.map(({ key, step, value }) => `${key} ${step} ${value}`));
      for (const { kind, step, values } of readHistory(tinyModel.home, 'tracked')) {
        for (const [name, value] of Object.entries(values)) {
          const keys = kind === 'step' ? [name] : [name, `epoch_${name}`];
          assert.ok(
            keys.some((key) => loggedMetrics.has(`${key} ${step} ${value}`)),
            name,
          );
        }
      }
      assert.deepEqual([...run!.artifacts.keys()].sort(), ['history.jsonl', 'report.html', 'summary.json']);
      const { artifacts } = await service.waitForEnd(id);
      const sizes = new Map(artifacts.map(({ name, bytes }) => [name, bytes]));
      for (const [name, content] of run!.artifacts) assert.equal(content.length, sizes.get(name), name);
    } finally {
      await service.stop();
    }
  });

  it('has one run for a training that another worker resumes', async () => {
    await using server = await FakeMlflowServer.start();
    const service = await startService(server.uri);
    try {
      const { id } = await service.submit(
        trainSpec(corpus, 'killed', { training: { epochs: 40, save_every_steps: 5 } }),
      );
      await waitFor('some steps', () => lastCheckpointStep(tinyModel.home, 'killed') > 20, 60_000);
      assert.equal(server.runs.size, 1);
      for (const pid of service.pids('panelvec-worker')) process.kill(pid, 'SIGKILL');
      assert.equal((await service.waitForEnd(id)).state, 'succeeded');
      assert.deepEqual(
        Array.from(server.runs.values(), ({ status }) => status),
        ['FINISHED'],
      );
    } finally {
      await service.stop();
    }
  });

  it('that is unavailable changes nothing', async () => {
    const service = await startService(`http://127.0.0.1:${await findFreePort()}`);
    try {
      const { id } = await service.submit(trainSpec(corpus, 'untracked'));
      const { state, artifacts } = await service.waitForEnd(id);
      assert.deepEqual([state, artifacts.length], ['succeeded', 5]);
    } finally {
      await service.stop();
    }
  });
});
