import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { JobResponse } from '../../../src/http/routes/jobs/job-schemas.ts';
import { readModel, verifyFiles } from '../../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../../src/model/model-folders.ts';
import { parseRecord } from '../../../src/training/history/history-record.ts';
import { drawPngPanel, toDataUri } from '../../support/images.ts';
import { startService } from '../../support/in-process-service.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson } from '../../support/read-json.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { modelFolder, readJobEvents, trainingFolder, trainSpec } from '../../support/train-jobs.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 36;
const EPOCHS = 4;
/** Without a page of their own, they only make the index take its time: its phase can be seen. */
const EXTRA_ROWS = 100_000;
const DETAIL_NAMES = ['epoch', 'step', 'loss', 'grad_norm', 'learning_rate', 'panels_per_second'];
const PHASES = ['queued', 'indexing', 'encoding', 'training', 'finished'];

let corpus: Corpus;
let home: string;
let service: JobService;
let job: JobResponse;
/** What was told while it was under way: by its events, and by who asked again and again. */
let events: JobResponse[];
const polled: JobResponse[] = [];

const makeSpec = () => trainSpec(corpus, 'drawn', { description: 'of drawn pages', training: { epochs: EPOCHS } });

before(async () => {
  corpus = await makeCorpus(PAGES, { pagesPerBook: 4 });
  const rows = Array.from({ length: EXTRA_ROWS }, (_, row) => `Elsewhere/${row},pages/none.jpg\n`);
  await appendFile(corpus.dataset.manifest, rows.join(''));
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  service = await startJobService(home, corpus, { PANELVEC_MODELS: 'compact' });
  const { id } = await service.submit(makeSpec());
  const eventsPromise = readJobEvents(service.address, id);
  await waitFor('the job to end', async () => polled[polled.push(await service.get(id)) - 1]!.finished_at, 120_000);
  events = await eventsPromise;
  job = polled.at(-1)!;
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await rm(home, { recursive: true, force: true });
});

const fetchArtifact = (name: string) => request(service.address).get(`/v1/jobs/${job.id}/artifacts/${name}`).buffer();
const modelPath = (...more: string[]) => path.join(modelFolder(home, 'drawn'), ...more);

describe('the progress of a training', () => {
  it('goes through its phases', () => {
    const phases = new Set(polled.map(({ progress }) => progress.phase));
    assert.deepEqual(
      [...phases],
      PHASES.filter((phase) => phase !== 'queued' || phases.has(phase)),
    );
    const phaseIndices = events.map(({ progress }) => PHASES.indexOf(progress.phase));
    assert.ok(phaseIndices.every((phase, event) => phase >= 0 && (event === 0 || phase >= phaseIndices[event - 1]!)));
  });

  it('has the current numbers in the response and in the events', () => {
    for (const snapshots of [polled, events]) {
      const running = snapshots.filter(({ state, progress }) => state === 'running' && progress.detail !== null);
      assert.ok(running.length > 0);
      for (const { progress } of running) {
        assert.equal(progress.phase, 'training');
        for (const name of DETAIL_NAMES) assert.ok(Number.isFinite(progress.detail![name]), name);
        assert.ok(progress.detail!['epoch']! <= EPOCHS && progress.done <= progress.total!);
      }
    }
    const steps = events.flatMap(({ progress }) => progress.detail?.['step'] ?? []);
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a! - b!),
    );
  });

  it('ends with the numbers of the last step', async () => {
    const { steps } = await readJson(trainingFolder(home, 'drawn'), 'summary.json');
    assert.deepEqual([job.progress.detail!['epoch'], job.progress.detail!['step']], [EPOCHS, steps]);
    assert.equal(job.progress.done, job.progress.total);
    const beforeTraining = polled.filter(({ progress }) => ['indexing', 'encoding'].includes(progress.phase));
    assert.ok(beforeTraining.every(({ progress }) => progress.detail === null));
  });
});

describe('the results of a training', () => {
  it('are artefacts that can be downloaded', async () => {
    const names = job.artifacts.map(({ name }) => name);
    assert.deepEqual(names, ['model', 'history.jsonl', 'history.csv', 'report.html', 'summary.json']);
    for (const { name, bytes } of job.artifacts.slice(1)) {
      const { body, text } = await fetchArtifact(name).expect(200);
      const content = Buffer.isBuffer(body) ? body : Buffer.from(text);
      assert.equal(content.length, bytes);
      assert.ok(content.equals(await readFile(path.join(trainingFolder(home, 'drawn'), name))));
    }
    await fetchArtifact('report.html').expect('content-type', 'text/html; charset=utf-8');
    await fetchArtifact('history.csv').expect('content-type', 'text/csv; charset=utf-8');
    const { body: head } = await fetchArtifact('model/head.safetensors').expect(200);
    assert.ok(head.equals(await readFile(modelPath('head.safetensors'))));
    await fetchArtifact('model').expect(404);
  });

  it('include a history with a record for each step and epoch, its CSV, a report and a summary', async () => {
    const text = await readFile(path.join(trainingFolder(home, 'drawn'), 'history.jsonl'), 'utf8');
    const records = text.trimEnd().split('\n').map(parseRecord);
    const summary = await readJson(trainingFolder(home, 'drawn'), 'summary.json');
    const count = (kind: string) => records.filter((record) => record!.kind === kind).length;
    assert.deepEqual([count('step'), count('epoch'), summary.epochs], [summary.steps, EPOCHS, EPOCHS]);
    // Six of the pages have no panel.
    assert.deepEqual([summary.pages.training + summary.pages.validation, summary.bad_pages], [PAGES - 6, 0]);
    assert.ok(summary.baseline.validation_loss > 0 && summary.best.measures.validation_loss > 0);
    const csv = await readFile(path.join(trainingFolder(home, 'drawn'), 'history.csv'), 'utf8');
    assert.equal(csv.trimEnd().split('\n').length, records.length + 1);
    const report = await readFile(path.join(trainingFolder(home, 'drawn'), 'report.html'), 'utf8');
    assert.match(report, /Training of drawn/);
    assert.match(report, /<svg/);
  });

  it('include a valid model with the encoders of its base', async () => {
    const { code, stdout, stderr } = await runPanelvec(['models', 'verify', 'drawn'], { PANELVEC_HOME: home });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /drawn@1 ok/);
    const [trained, base] = [await readModel(modelPath()), await readModel(path.join(BUNDLED_MODELS, 'compact'))];
    await verifyFiles(trained);
    assert.notEqual(trained.space, base.space);
    for (const file of ['efficientnet.int8.onnx', 'minilm.safetensors', 'tokenizer.json']) {
      assert.deepEqual(trained.spec.files[file], base.spec.files[file]);
    }
    assert.notEqual(trained.spec.files['head.safetensors']!.sha256, base.spec.files['head.safetensors']!.sha256);
    assert.deepEqual(
      [trained.spec.dimensions, trained.spec.description, trained.spec.licence],
      [512, 'of drawn pages', base.spec.licence],
    );
    const { job_id: id, spec: storedSpec, parent, ...origin } = await readJson(modelPath('training.json'));
    const { summary } = origin;
    assert.match(parent.space, /^[0-9a-f]{16}$/);
    assert.equal(parent.id, base.id);
    assert.match(origin.data_fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual([id, storedSpec], [job.id, job.spec]);
    assert.deepEqual(summary, await readJson(trainingFolder(home, 'drawn'), 'summary.json'));
    const card = await readFile(modelPath('README.md'), 'utf8');
    assert.match(card, /^# drawn\n\nof drawn pages\n/);
    assert.match(card, new RegExp(`\\| Epochs \\| ${EPOCHS} of ${EPOCHS}, ${summary.steps} steps`));
  });

  it('include a model that embeds images, texts and pages', async () => {
    const served = await startService({ PANELVEC_HOME: home, PANELVEC_MODELS: 'drawn' });
    try {
      const calls = [
        ['image', toDataUri(await drawPngPanel(1))],
        ['text', 'who goes there?'],
      ];
      for (const [endpoint, input] of calls) {
        const { body } = await request(served.address).post(`/v1/embeddings/${endpoint}`).send({ input }).expect(200);
        assert.deepEqual([body.model, body.data[0].embedding.length], ['drawn@1', 512]);
      }
      const panels = await readFile(path.join(corpus.folder, 'vlm/Book 1/page_000.json'), 'utf8');
      const page = await request(served.address)
        .post('/v1/embeddings/page')
        .field('request', panels)
        .attach('image', await readFile(path.join(corpus.folder, 'pages/4.jpg')), 'page.jpg')
        .expect(200);
      assert.equal(page.body.data[0].panel_embeddings.length, 4);
      assert.ok(page.body.data[0].panel_embeddings.flat().every(Number.isFinite));
    } finally {
      await served.close();
    }
  });

  it('are not overwritten: the same job is refused, and the files stay', async () => {
    const { mtimeMs } = await stat(modelPath('head.safetensors'));
    const { body } = await request(service.address).post('/v1/jobs').send(makeSpec()).expect(409);
    assert.deepEqual([body.error.code, body.error.param], ['output_conflict', 'output']);
    assert.equal((await stat(modelPath('head.safetensors'))).mtimeMs, mtimeMs);
  });
});
