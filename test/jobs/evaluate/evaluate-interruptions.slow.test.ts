import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EvaluationResult } from '../../../src/evaluation/evaluation-result.ts';
import { hasEnded } from '../../../src/jobs/job.ts';
import { findChildPids, type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson } from '../../support/read-json.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 24;
const TIMEOUT_MS = 180_000;
/** No cache, so that a kill finds pages to encode. */
const SETTINGS = { PANELVEC_THREADS: '1', PANELVEC_MAX_FEATURES_BYTES: '0' };

let corpus: Corpus;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tinyModel] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: 12 }), makeTinyModel()]);
  service = await startJobService(tinyModel.home, corpus, SETTINGS);
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tinyModel.remove();
});

const makeSpec = (output: string) => ({
  type: 'evaluate',
  output,
  dataset: corpus.dataset,
  models: ['tiny'],
  trainings: [{ name: 'recipe', training: { epochs: 3, batch_size: 4, save_every_steps: 2 } }],
  baselines: ['raw'],
  folds: 2,
});
const folder = (output: string) => path.join(tinyModel.home, 'evaluations', output);

async function readResult(output: string): Promise<Omit<EvaluationResult, 'created_at'>> {
  const { created_at: _, ...result } = await readJson(folder(output), 'evaluation.json');
  return result;
}

/** The end of a job. Workers that start again take their time. */
const waitForEnd = (id: string) =>
  waitFor(
    'the evaluation to end',
    async () => {
      const job = await service.get(id);
      return hasEnded(job.state) ? job : undefined;
    },
    TIMEOUT_MS,
  );

function killWorkers(): void {
  const pids = service.pids('panelvec-worker');
  assert.ok(pids.length > 0, 'there is a worker to kill');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

const exists = (...file: string[]) => existsSync(path.join(...file));
const filesOf = (...file: string[]) => (exists(...file) ? readdirSync(path.join(...file)) : []);

describe('an evaluation whose worker is killed, again and again', () => {
  it('goes on where it was, and ends with the same result', async () => {
    const undisturbed = await service.submit(makeSpec('undisturbed'));
    const work = path.join(folder('killed'), '.work');
    /** States to kill in: over pages, in the training of each fold, between two files of vectors, and while all is measured. */
    const states: readonly (readonly [string, () => boolean])[] = [
      ['the first part', () => filesOf(work, 'parts').some((name) => name.endsWith('.json'))],
      ['a checkpoint of the first fold', () => filesOf(work, 'folds/0/training-0/checkpoints').length > 0],
      ['vectors of the first fold', () => exists(work, 'folds/0/training-0.safetensors')],
      ['a checkpoint of the second fold', () => filesOf(work, 'folds/1/training-0/checkpoints').length > 0],
      ['the last vectors', () => exists(work, 'folds/1/raw.safetensors')],
    ];
    const ended = await waitForEnd(undisturbed.id);
    assert.equal(ended.state, 'succeeded', JSON.stringify(ended.error));
    const { id } = await service.submit(makeSpec('killed'));
    for (const [name, isReached] of states) {
      await waitFor(name, isReached, TIMEOUT_MS);
      killWorkers();
    }
    const { state, error, artifacts, attempts } = await waitForEnd(id);
    assert.equal(state, 'succeeded', JSON.stringify(error));
    assert.ok(attempts >= states.length, `${attempts} attempts`);
    assert.deepEqual(
      artifacts.map(({ name }) => name),
      ['evaluation.json', 'report.html', 'evaluation.md'],
    );
    assert.deepEqual(await readResult('killed'), await readResult('undisturbed'));
    assert.ok(!exists(work), 'no files of work are left');
    assert.deepEqual(
      service.pids('panelvec-worker').flatMap((worker) => findChildPids(worker, 'evaluator')),
      [],
    );
  });
});
