import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { readJson } from '../../support/read-json.ts';
import { testSeed } from '../../support/seed.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import {
  findNewStart,
  findOutputFiles,
  findTrainerPids,
  lastCheckpointStep,
  modelFolder,
  readHistory,
  trainingFolder,
  trainSpec,
} from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Three files of pages. */
const PAGES = 230;
const EPOCHS = 16;
/** Kills come this long after a checkpoint, in steps and on top of that: some hit a step, some a checkpoint that is written. */
const [MAX_DELAY_STEPS, MAX_DELAY_MS] = [25, 20];
const TIMEOUT_MS = 60_000;
/** Two threads, as a sum that is split among them may come out otherwise; no cache, so that kills find pages to encode. */
const SETTINGS = { PANELVEC_THREADS: '2', PANELVEC_MAX_FEATURES_BYTES: '0' };

let corpus: Corpus;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
let undisturbed: Record<string, Buffer>;

/** All that draws at random, or keeps something beside the weights */
const OPTIONS = {
  epochs: EPOCHS,
  save_every_steps: 5,
  learning_rate: 1e-3,
  views: 3,
  texts: 'drawn',
  weight_averaging: 0.9,
};
const makeSpec = (output: string, training: object = {}) =>
  trainSpec(corpus, output, { training: { ...OPTIONS, ...training } });
const startService = () => startJobService(tinyModel.home, corpus, SETTINGS);

before(async () => {
  [corpus, tinyModel] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: 4 }), makeTinyModel()]);
  const service = await startService();
  const { id } = await service.submit(makeSpec('undisturbed'));
  const { state, error } = await service.waitForEnd(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  await service.stop();
  undisturbed = await readResult('undisturbed');
  const { best } = await readJson(trainingFolder(tinyModel.home, 'undisturbed'), 'summary.json');
  assert.ok(best.epoch > 0, 'the result is no head that nothing has changed');
});
after(async () => {
  await corpus.remove();
  await tinyModel.remove();
});

async function readResult(output: string): Promise<Record<string, Buffer>> {
  const training = trainingFolder(tinyModel.home, output);
  return {
    head: await readFile(path.join(modelFolder(tinyModel.home, output), 'head.safetensors')),
    history: await readFile(path.join(training, 'history.jsonl')),
    csv: await readFile(path.join(training, 'history.csv')),
  };
}

async function assertUndisturbedResult(service: JobService, id: string, output: string): Promise<void> {
  const { state, error, progress } = await service.waitForEnd(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  const result = await readResult(output);
  for (const [name, bytes] of Object.entries(undisturbed))
    assert.ok(bytes.equals(result[name]!), `${name} is the same`);
  assert.equal(progress.detail!['epoch'], EPOCHS);
  assert.deepEqual(findTrainerPids(service), []);
  assert.deepEqual(
    await readdir(modelFolder(tinyModel.home, output)),
    await readdir(modelFolder(tinyModel.home, 'undisturbed')),
  );
}

/** Kills somebody now and then while the training goes on, and sees that it does so from where it was. */
async function killRepeatedly(
  t: TestContext,
  output: string,
  times: number,
  kill: () => void | Promise<void>,
): Promise<void> {
  const random = mulberry32(testSeed(t));
  let file: string | undefined;
  let keptStep = 0;
  const waitForStart = async () => {
    const start = await waitFor('the training to go on', () => findNewStart(tinyModel.home, output, file), TIMEOUT_MS);
    assert.ok(start.step >= keptStep, `goes on at step ${start.step}, and step ${keptStep} was kept`);
    file = start.file;
  };
  for (let i = 0; i < times; i++) {
    await waitForStart();
    const targetStep = keptStep + 1 + random() * MAX_DELAY_STEPS;
    await waitFor('a checkpoint', () => lastCheckpointStep(tinyModel.home, output) >= targetStep);
    await delay(random() * MAX_DELAY_MS);
    keptStep = lastCheckpointStep(tinyModel.home, output);
    await kill();
  }
  await waitForStart();
}

function killProcesses(pids: readonly number[]): void {
  assert.ok(pids.length > 0, 'there is somebody to kill');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

const waitForEncoding = (service: JobService, id: string) =>
  waitFor('the encoding', async () => {
    const { phase, done } = (await service.get(id)).progress;
    return phase === 'encoding' && done > 0;
  });

describe('a training', () => {
  let service: JobService;
  before(async () => {
    service = await startService();
  });
  after(() => service.stop());

  it('ends with the same bytes when its worker is killed, over pages and over steps', async (t) => {
    const { id } = await service.submit(makeSpec('worker-killed'));
    await waitForEncoding(service, id);
    killProcesses(service.pids('panelvec-worker'));
    await killRepeatedly(t, 'worker-killed', 4, () => killProcesses(service.pids('panelvec-worker')));
    await assertUndisturbedResult(service, id, 'worker-killed');
    // Two lanes of the first worker had a part each in hand.
    const { attempts } = await service.get(id);
    assert.ok(attempts >= 5 && attempts <= 7, `${attempts} attempts`);
  });

  it('ends with the same bytes when the process that trains is killed', async (t) => {
    const { id } = await service.submit(makeSpec('trainer-killed'));
    await killRepeatedly(t, 'trainer-killed', 2, () => killProcesses(findTrainerPids(service)));
    await assertUndisturbedResult(service, id, 'trainer-killed');
    assert.equal((await service.get(id)).attempts, 1);
  });

  it('fails when that process dies three times, and keeps its checkpoint', async (t) => {
    const { id } = await service.submit(makeSpec('hopeless'));
    await killRepeatedly(t, 'hopeless', 2, () => killProcesses(findTrainerPids(service)));
    const keptStep = lastCheckpointStep(tinyModel.home, 'hopeless');
    killProcesses(findTrainerPids(service));
    const { state, error } = await service.waitForEnd(id);
    assert.deepEqual([state, error!.code], ['failed', 'worker_lost']);
    assert.match(error!.message, /training process ended \(SIGKILL\)/);
    assert.ok(lastCheckpointStep(tinyModel.home, 'hopeless') >= keptStep);
    assert.deepEqual(findOutputFiles(tinyModel.home, 'hopeless'), ['trainings/hopeless']);
  });

  async function cancelAfterCheckpoint(output: string): Promise<number> {
    const { id } = await service.submit(makeSpec(output));
    await waitFor('a checkpoint', () => lastCheckpointStep(tinyModel.home, output) > MAX_DELAY_STEPS, TIMEOUT_MS);
    await request(service.address).post(`/v1/jobs/${id}/cancel`).expect(200);
    assert.equal((await service.waitForEnd(id)).state, 'cancelled');
    assert.deepEqual(findTrainerPids(service), []);
    assert.deepEqual(findOutputFiles(tinyModel.home, output), [`trainings/${output}`]);
    return lastCheckpointStep(tinyModel.home, output);
  }

  it('that is cancelled leaves no process and no model, and is resumed by a job with the same spec', async () => {
    const keptStep = await cancelAfterCheckpoint('cancelled');
    assert.equal(readHistory(tinyModel.home, 'cancelled').at(-1)!.step, keptStep, 'the last step is kept');
    const firstStart = findNewStart(tinyModel.home, 'cancelled', undefined)!;
    const { id } = await service.submit(makeSpec('cancelled'));
    const secondStart = await waitFor('it to go on', () => findNewStart(tinyModel.home, 'cancelled', firstStart.file));
    assert.ok(secondStart.step >= keptStep, `goes on at step ${secondStart.step}, and step ${keptStep} was kept`);
    await assertUndisturbedResult(service, id, 'cancelled');
  });

  it('that is cancelled starts anew for a job with another spec', async () => {
    await cancelAfterCheckpoint('changed');
    const { id } = await service.submit(makeSpec('changed', { seed: 7, epochs: 2 }));
    assert.equal((await service.waitForEnd(id)).state, 'succeeded');
    const steps = readHistory(tinyModel.home, 'changed').filter(({ kind }) => kind === 'step');
    const { steps: stepCount } = await readJson(trainingFolder(tinyModel.home, 'changed'), 'summary.json');
    assert.deepEqual(
      steps.map(({ step }) => step),
      Array.from({ length: stepCount }, (_, i) => i + 1),
    );
    assert.equal((await readJson(modelFolder(tinyModel.home, 'changed'), 'training.json')).spec.training.seed, 7);
    assert.equal((await readJson(trainingFolder(tinyModel.home, 'changed'), 'spec.json')).training.seed, 7);
  });
});

describe('a training whose whole service is killed, with its database', () => {
  it('ends with the same bytes after a restart', async (t) => {
    let service = await startService();
    const killService = async () => {
      killProcesses([...service.pids('panelvec-database'), service.child.pid!]);
      await service.exited;
      service = await startService();
    };
    try {
      const { id } = await service.submit(makeSpec('service-killed'));
      await waitForEncoding(service, id);
      await killService();
      await killRepeatedly(t, 'service-killed', 1, killService);
      await assertUndisturbedResult(service, id, 'service-killed');
    } finally {
      await service.stop();
    }
  });
});
