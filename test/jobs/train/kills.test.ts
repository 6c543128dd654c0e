import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { type Corpus, makeCorpus } from '../../support/corpus.ts';
import { type JobService, startJobService } from '../../support/job-service.ts';
import { seeded } from '../../support/numbers.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import {
  beginningAfter,
  lastCheckpoint,
  modelFolder,
  readJson,
  recordsOf,
  tracesOf,
  trainers,
  trainingFolder,
  trainSpec,
} from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait.ts';

/** Three files of pages. */
const PAGES = 230;
const EPOCHS = 16;
/** Kills come this long after a checkpoint, in steps and on top of that: some hit a step, some a checkpoint that is written. */
const [MOST_STEPS, MOST_MS] = [25, 20];
/** Two threads, as a sum that is split among them may come out otherwise; no cache, so that kills find pages to encode. */
const PATIENCE_MS = 60_000;
const SETTINGS = { PANELVEC_THREADS: '2', PANELVEC_MAX_FEATURES_BYTES: '0' };

let corpus: Corpus;
let home: Awaited<ReturnType<typeof makeTinyModel>>;
let undisturbed: Record<string, Buffer>;
const random = seeded(Date.now() & 0xffff);
const upTo = (most: number) => ((random() + 1) / 2) * most;

const spec = (output: string, training: object = {}) =>
  trainSpec(corpus, output, { training: { epochs: EPOCHS, save_every_steps: 5, ...training } });
const start = () => startJobService(home.home, corpus, SETTINGS);

before(async () => {
  [corpus, home] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: 4 }), makeTinyModel()]);
  const service = await start();
  const { id } = await service.submit(spec('undisturbed'));
  const { state, error } = await service.end(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  await service.stop();
  undisturbed = await resultOf('undisturbed');
});
after(async () => {
  await corpus.remove();
  await home.remove();
});

async function resultOf(output: string): Promise<Record<string, Buffer>> {
  const training = trainingFolder(home.home, output);
  return {
    head: await readFile(path.join(modelFolder(home.home, output), 'head.safetensors')),
    history: await readFile(path.join(training, 'history.jsonl')),
    csv: await readFile(path.join(training, 'history.csv')),
  };
}

async function assertSame(service: JobService, id: string, output: string): Promise<void> {
  const { state, error, progress } = await service.end(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
  const result = await resultOf(output);
  for (const [name, bytes] of Object.entries(undisturbed))
    assert.ok(bytes.equals(result[name]!), `${name} is the same`);
  assert.equal(progress.detail!['epoch'], EPOCHS);
  assert.deepEqual(trainers(service), []);
  assert.deepEqual(await readdir(modelFolder(home.home, output)), await readdir(modelFolder(home.home, 'undisturbed')));
}

/** Kills somebody now and then while the training goes on, and sees that it does so from where it was. */
async function disturb(output: string, times: number, kill: () => void | Promise<void>): Promise<void> {
  let file: string | undefined;
  let reached = 0;
  const next = async () => {
    const begun = await waitFor('the training to go on', () => beginningAfter(home.home, output, file), PATIENCE_MS);
    assert.ok(begun.step >= reached, `goes on at step ${begun.step}, and step ${reached} was kept`);
    file = begun.file;
  };
  for (let time = 0; time < times; time++) {
    await next();
    const aim = reached + 1 + upTo(MOST_STEPS);
    await waitFor('a checkpoint', () => lastCheckpoint(home.home, output) >= aim);
    await delay(upTo(MOST_MS));
    reached = lastCheckpoint(home.home, output);
    await kill();
  }
  await next();
}

function killAll(pids: readonly number[]): void {
  assert.ok(pids.length > 0, 'there is somebody to kill');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

const isEncoding = (service: JobService, id: string) =>
  waitFor('the encoding', async () => {
    const { phase, done } = (await service.get(id)).progress;
    return phase === 'encoding' && done > 0;
  });

describe('a training', () => {
  let service: JobService;
  before(async () => {
    service = await start();
  });
  after(() => service.stop());

  it('ends with the same bytes when its worker is killed, over pages and over steps', async () => {
    const { id } = await service.submit(spec('worker-killed'));
    await isEncoding(service, id);
    killAll(service.pids('panelvec-worker'));
    await disturb('worker-killed', 4, () => killAll(service.pids('panelvec-worker')));
    await assertSame(service, id, 'worker-killed');
    // Two lanes of the first worker had a part each in hand.
    const { attempts } = await service.get(id);
    assert.ok(attempts >= 5 && attempts <= 7, `${attempts} attempts`);
  });

  it('ends with the same bytes when the process that trains is killed', async () => {
    const { id } = await service.submit(spec('trainer-killed'));
    await disturb('trainer-killed', 2, () => killAll(trainers(service)));
    await assertSame(service, id, 'trainer-killed');
    assert.equal((await service.get(id)).attempts, 1);
  });

  it('fails when that dies three times, and its checkpoint stays', async () => {
    const { id } = await service.submit(spec('hopeless'));
    await disturb('hopeless', 2, () => killAll(trainers(service)));
    const reached = lastCheckpoint(home.home, 'hopeless');
    killAll(trainers(service));
    const { state, error } = await service.end(id);
    assert.deepEqual([state, error!.code], ['failed', 'worker_lost']);
    assert.match(error!.message, /training process ended \(SIGKILL\)/);
    assert.ok(lastCheckpoint(home.home, 'hopeless') >= reached);
    assert.deepEqual(tracesOf(home.home, 'hopeless'), ['trainings/hopeless']);
  });

  async function cancel(output: string): Promise<number> {
    const { id } = await service.submit(spec(output));
    await waitFor('a checkpoint', () => lastCheckpoint(home.home, output) > MOST_STEPS, PATIENCE_MS);
    await request(service.address).post(`/v1/jobs/${id}/cancel`).expect(200);
    assert.equal((await service.end(id)).state, 'cancelled');
    assert.deepEqual(trainers(service), []);
    assert.deepEqual(tracesOf(home.home, output), [`trainings/${output}`]);
    return lastCheckpoint(home.home, output);
  }

  it('that is cancelled leaves no process and no model, and goes on when the same is asked for again', async () => {
    const reached = await cancel('cancelled');
    assert.equal(recordsOf(home.home, 'cancelled').at(-1)!.step, reached, 'the last step is kept');
    const before = beginningAfter(home.home, 'cancelled', undefined)!;
    const { id } = await service.submit(spec('cancelled'));
    const again = await waitFor('it to go on', () => beginningAfter(home.home, 'cancelled', before.file));
    assert.ok(again.step >= reached, `goes on at step ${again.step}, and step ${reached} was kept`);
    await assertSame(service, id, 'cancelled');
  });

  it('that is cancelled begins anew where something else is asked for', async () => {
    await cancel('changed');
    const { id } = await service.submit(spec('changed', { seed: 7, epochs: 2 }));
    assert.equal((await service.end(id)).state, 'succeeded');
    const steps = recordsOf(home.home, 'changed').filter(({ kind }) => kind === 'step');
    const { steps: all } = await readJson(trainingFolder(home.home, 'changed'), 'summary.json');
    assert.deepEqual(
      steps.map(({ step }) => step),
      Array.from({ length: all }, (_, at) => at + 1),
    );
    assert.equal((await readJson(modelFolder(home.home, 'changed'), 'training.json')).spec.training.seed, 7);
    assert.equal((await readJson(trainingFolder(home.home, 'changed'), 'spec.json')).training.seed, 7);
  });
});

describe('a training whose whole service is killed, with its database', () => {
  it('ends with the same bytes when that is started again', async () => {
    let service = await start();
    const killService = async () => {
      killAll([...service.pids('panelvec-database'), service.child.pid!]);
      await service.ended;
      service = await start();
    };
    try {
      const { id } = await service.submit(spec('service-killed'));
      await isEncoding(service, id);
      await killService();
      await disturb('service-killed', 1, killService);
      await assertSame(service, id, 'service-killed');
    } finally {
      await service.stop();
    }
  });
});
