import assert from 'node:assert/strict';
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { TrainingPartFile } from '../../../src/training/data/training-part-file.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson } from '../../support/read-json.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { modelFolder, trainingFolder, trainSpec } from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Two files of pages, in books of six, whose pages have none to five panels. */
const PAGES = 120;

let corpus: Corpus;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
let ids: readonly string[];
before(async () => {
  [corpus, tinyModel] = await Promise.all([makeCorpus(PAGES, { pagesPerBook: 6 }), makeTinyModel()]);
  service = await startJobService(tinyModel.home, corpus);
  ids = Object.keys(await readJson(corpus.dataset.pss_labels));
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tinyModel.remove();
});

const readSummary = (output: string) => readJson(trainingFolder(tinyModel.home, output), 'summary.json');

async function runJob(spec: object) {
  return service.waitForEnd((await service.submit(spec)).id);
}

async function writeLabels(name: string, pageIds: readonly string[]): Promise<string> {
  await writeFile(
    path.join(corpus.folder, name),
    JSON.stringify(Object.fromEntries(pageIds.map((id) => [id, 'story']))),
  );
  return name;
}

/** Pages in the files that a training reads, with whether they are held out; of a job that has not ended. */
async function listPartPages(output: string): Promise<[id: string, validation: boolean][]> {
  const folder = path.join(trainingFolder(tinyModel.home, output), '.work/parts');
  const pages: [string, boolean][] = [];
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.safetensors')).sort()) {
    await using part = await TrainingPartFile.open(path.join(folder, name));
    pages.push(...part.pages.map(({ id, validation }): [string, boolean] => [id, validation]));
  }
  return pages;
}

/** Begins a job, and stops it in its training. */
async function startAndCancel(spec: { output: string }): Promise<void> {
  const { id } = await service.submit(spec);
  await waitFor('the training', async () => (await service.get(id)).progress.detail, 60_000);
  await request(service.address).post(`/v1/jobs/${id}/cancel`).expect(200);
  assert.equal((await service.waitForEnd(id)).state, 'cancelled');
}
const ENDLESS_TRAINING = { epochs: 10_000, save_every: 10_000 };

describe('pages that val_pss_labels names', () => {
  it('are held out, also where pss_labels names them too', async () => {
    const heldOutIds = ids.filter((_, page) => page % 12 >= 6);
    const dataset = { val_pss_labels: await writeLabels('held.json', heldOutIds), val_fraction: null };
    await startAndCancel(trainSpec(corpus, 'held', { dataset, training: ENDLESS_TRAINING }));
    const pages = await listPartPages('held');
    const idsWhere = (validation: boolean) => pages.filter((page) => page[1] === validation).map(([id]) => id);
    assert.deepEqual(idsWhere(true), heldOutIds);
    assert.deepEqual(
      idsWhere(false),
      ids.filter((id) => !heldOutIds.includes(id)),
    );
  });

  it('are not trained on, even beyond the limit', async () => {
    const heldOutIds = ids.slice(6, 18);
    const dataset = { val_pss_labels: await writeLabels('many.json', heldOutIds), val_fraction: null, limit: 9 };
    const { state, error } = await runJob(trainSpec(corpus, 'limited', { dataset, training: { batch_size: 2 } }));
    assert.equal(state, 'succeeded', JSON.stringify(error));
    // Of the first nine pages that are labelled, three are held out, and one of the other six has no panel; two of those
    // that are held out have none.
    assert.deepEqual((await readSummary('limited')).pages, { training: 5, validation: 7 });
  });
});

describe('pages that cannot be read', () => {
  const unreadableImages = ['3.jpg', '4.jpg'];
  const imageFile = (name: string) => path.join(corpus.folder, 'pages', name);
  before(async () => {
    for (const name of unreadableImages) await writeFile(imageFile(name), 'GIF89a, or so');
  });

  it('are left out and counted', async () => {
    const { state, error } = await runJob(trainSpec(corpus, 'bad', {}));
    assert.equal(state, 'succeeded', JSON.stringify(error));
    const { pages, bad_pages: bad } = await readSummary('bad');
    // Each picture is that of five pages, and a sixth of the pages has no panel.
    assert.deepEqual([bad, pages.training + pages.validation], [10, 90]);
    const { summary } = await readJson(modelFolder(tinyModel.home, 'bad'), 'training.json');
    assert.equal(summary.bad_pages, 10);
  });

  it('fail the job where they are too many, which resumes when they are repaired', async () => {
    const spec = trainSpec(corpus, 'mended', { max_bad_pages: 0.05 });
    const { id, state, error, artifacts } = await runJob(spec);
    assert.deepEqual([state, error!.code, error!.param], ['failed', 'too_many_bad_pages', 'max_bad_pages']);
    assert.match(error!.message, /of 120 pages .* 6 .*: \d+ unsupported_media_type \(Book 0\/page_003, /);
    assert.deepEqual(
      artifacts.map(({ name }) => name),
      ['report.json', 'errors.jsonl', 'skipped.jsonl'],
    );
    const { store } = await readJson(tinyModel.home, 'reports', id, 'report.json');
    assert.ok(store.bad_pages > 6 && store.pages > store.bad_pages, JSON.stringify(store));
    for (const name of unreadableImages) await copyFile(imageFile('5.jpg'), imageFile(name));
    const retried = await runJob(spec);
    assert.equal(retried.state, 'succeeded', JSON.stringify(retried.error));
    const { pages, bad_pages: bad } = await readSummary('mended');
    assert.deepEqual([bad, pages.training + pages.validation], [0, 100]);
  });
});

it('a training that is resumed reads pages that were unreadable before', async () => {
  const dataset = { pss_labels: await writeLabels('growing.json', ids.slice(0, 60)) };
  const spec = trainSpec(corpus, 'growing', { dataset, training: ENDLESS_TRAINING });
  await startAndCancel(spec);
  assert.equal((await listPartPages('growing')).length, 60);
  await writeLabels('growing.json', ids.slice(30));
  await startAndCancel(spec);
  assert.deepEqual(
    (await listPartPages('growing')).map(([id]) => id),
    ids.slice(30),
  );
  await rm(path.join(corpus.folder, 'growing.json'));
});
