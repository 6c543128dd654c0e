import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DatasetCheck } from '../../../src/jobs/embed/describe-check.ts';
import { hashFiles, type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = 130;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(PAGES), makeTinyModel()]);
  // The picture of six pages.
  await rm(path.join(corpus.folder, 'pages/3.jpg'));
  await writeFile(path.join(corpus.folder, 'vlm/Book 0/page_010.json'), '{"panels": [');
  service = await startJobService(tiny.home, corpus);
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const spec = (fields: object = {}) => ({ type: 'embed', output: 'tested', dataset: corpus.dataset, ...fields });

async function runJob(body: object) {
  const { id } = await service.submit(body);
  const job = await service.waitForEnd(id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  return job;
}

async function readReport(id: string): Promise<DatasetCheck> {
  const response = await fetch(`${service.address}/v1/jobs/${id}/artifacts/report.json`);
  return (await response.json()) as DatasetCheck;
}

describe('a dry run', () => {
  it('reports what would be embedded, and writes no store', async () => {
    const job = await runJob(spec({ dry_run: true }));
    assert.deepEqual(
      job.artifacts.map(({ name }) => name),
      ['report.json', 'errors.jsonl', 'skipped.jsonl'],
    );
    assert.deepEqual([job.progress.done, job.progress.total], [PAGES, PAGES]);
    const {
      index,
      store,
      would_embed: embed,
      max_bad_pages: maxBadPages,
      would_fail: fails,
    } = await readReport(job.id);
    assert.equal(index.kept, PAGES);
    assert.deepEqual(store.bad_pages_by_reason, { image_missing: 6, panels_unreadable: 1 });
    assert.equal(store.examples.bad_pages['panels_unreadable']?.[0]?.id, 'Book 0/page_010');
    assert.deepEqual([embed.pages, embed.panels, embed.model], [PAGES - 7, store.panels, 'tiny@1']);
    assert.deepEqual([embed.vector_bytes, embed.array_bytes], [store.panels * 16 * 4, PAGES * 16 * 16 * 4]);
    assert.deepEqual([embed.rate.unit, embed.seconds], ['panels', Math.ceil(store.panels / embed.rate.per_second)]);
    assert.match(embed.rate.basis, /^an assumption/);
    assert.deepEqual([maxBadPages, fails], [13, null]);
    assert.equal(existsSync(path.join(tiny.home, 'stores/tested')), false);
    assert.deepEqual((await readdir(path.join(tiny.home, 'reports', job.id))).sort(), [
      'errors.jsonl',
      'report.json',
      'skipped.jsonl',
    ]);
  });

  it('has the counts of the job itself, and estimates from its speed', async () => {
    await runJob(spec({ output: 'real' }));
    const real = JSON.parse(await readFile(path.join(tiny.home, 'stores/real/report.json'), 'utf8'));
    const { id } = await runJob(spec({ dry_run: true, output: 'real' }));
    const { index, store, would_embed: embed } = await readReport(id);
    assert.deepEqual({ index, store }, real);
    assert.match(embed.rate.basis, /^measured: job .* embedded 130 pages/);
    assert.deepEqual([embed.rate.unit, embed.seconds], ['pages', Math.ceil(PAGES / embed.rate.per_second)]);
  });

  it('says why the job would fail, and does not fail itself', async () => {
    const strict = await runJob(spec({ dry_run: true, max_bad_pages: 0.01 }));
    assert.equal((await readReport(strict.id)).would_fail, 'too_many_bad_pages');
    const labels = path.join(corpus.folder, 'covers.json');
    await writeFile(labels, JSON.stringify({ 'Book 0/page_000': 'cover' }));
    const empty = await runJob(spec({ dry_run: true, dataset: { ...corpus.dataset, pss_labels: labels } }));
    const { index, would_embed: embed, would_fail: fails } = await readReport(empty.id);
    assert.deepEqual([fails, embed.pages, embed.seconds], ['dataset_invalid', 0, 0]);
    assert.deepEqual(index.examples.page_type, [{ id: 'Book 0/page_000', reason: 'page_type', detail: 'cover' }]);
  });

  it('has the same reports if its worker is killed', async () => {
    const { id: undisturbed } = await runJob(spec({ dry_run: true }));
    const { id } = await service.submit(spec({ dry_run: true }));
    await waitFor('the job to run', async () => (await service.get(id)).state === 'running');
    for (const pid of service.pids('panelvec-worker')) process.kill(pid, 'SIGKILL');
    const { state, error } = await service.waitForEnd(id);
    assert.equal(state, 'succeeded', JSON.stringify(error));
    const hashes = (job: string) => hashFiles(path.join(tiny.home, 'reports', job));
    assert.deepEqual(await hashes(id), await hashes(undisturbed));
  });

  it('may run beside a job that writes to the same output', async () => {
    const jobs = await Promise.all([
      service.submit(spec({ output: 'both' })),
      service.submit(spec({ output: 'both', dry_run: true })),
      service.submit(spec({ output: 'both', dry_run: true })),
    ]);
    for (const { id } of jobs) assert.equal((await service.waitForEnd(id)).state, 'succeeded');
  });
});
