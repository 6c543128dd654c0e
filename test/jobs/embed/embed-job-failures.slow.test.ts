import assert from 'node:assert/strict';
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { MAIN_FILE } from '../../support/service-process.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const PAGES = 110;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(PAGES), makeTinyModel()]);
  service = await startJobService(tiny.home, corpus);
});
after(async () => {
  await service?.stop();
  await corpus?.remove();
  await tiny?.remove();
});

const spec = (output: string, extraFields: object = {}) => ({
  type: 'embed',
  output,
  dataset: corpus.dataset,
  ...extraFields,
});
const storePath = (output: string, ...parts: string[]) => path.join(tiny.home, 'stores', output, ...parts);

async function runJob(body: object) {
  const { id } = await service.submit(body);
  return service.waitForEnd(id);
}

describe('a job that cannot be done', () => {
  it('says that no page is left, and how many there were', async () => {
    const labels = path.join(corpus.folder, 'covers.json');
    await writeFile(labels, JSON.stringify({ 'Book 0/page_000': 'cover', 'Book 9/page_000': 'narrative' }));
    const job = await runJob(spec('empty', { dataset: { ...corpus.dataset, pss_labels: labels } }));
    assert.deepEqual([job.state, job.error!.code, job.error!.param], ['failed', 'dataset_invalid', 'dataset']);
    const reasons = '1 page_type (Book 0/page_000), 1 no_image (Book 9/page_000)';
    assert.equal(job.error!.message, `no page is left of 2 labels and 110 manifest rows: ${reasons}`);
    const response = await fetch(`${service.address}/v1/jobs/${job.id}/artifacts/report.json`);
    const { index } = (await response.json()) as { index: { examples: { no_image: object[] } } };
    assert.deepEqual(index.examples.no_image, [{ id: 'Book 9/page_000', reason: 'no_image' }]);
  });

  it('names a file that is not a manifest, not JSON, or missing', async () => {
    const manifest = path.join(corpus.folder, 'bad.csv');
    await writeFile(manifest, 'a,b\n1,2\n');
    const csv = await runJob(spec('bad-csv', { dataset: { ...corpus.dataset, manifest } }));
    assert.equal(csv.state, 'failed');
    assert.match(csv.error!.message, /bad\.csv.*canonical_id/);
    const labels = path.join(corpus.folder, 'bad.json');
    await writeFile(labels, '{"a": ');
    const broken = await runJob(spec('bad-json', { dataset: { ...corpus.dataset, pss_labels: labels } }));
    assert.equal(broken.state, 'failed');
    assert.match(broken.error!.message, /bad\.json/);
    // Nothing is left of them.
    assert.deepEqual(await readdir(storePath('bad-json')).catch(() => []), []);
  });

  it('fails on a full disk with a clear reason and no incomplete chunk, and continues when there is room', async () => {
    const folder = path.join(corpus.folder, 'full');
    await mkdir(folder);
    const compact = { PANELVEC_HOME: folder, PANELVEC_MODELS: 'compact', PANELVEC_DATA_ROOTS: corpus.folder };
    const small = await startJobService(folder, corpus, { ...compact, PANELVEC_WORKERS: '0' });
    const fewPages = spec('full', { dataset: { ...corpus.dataset, limit: 30 } });
    const workers: ChildProcess[] = [];
    const startWorker = (shell: string) => {
      const worker = execFile('sh', ['-c', `${shell} exec "$@"`, 'sh', process.execPath, MAIN_FILE, 'worker'], {
        env: {
          ...process.env,
          ...compact,
          PANELVEC_PROVIDER: 'cpu',
          PANELVEC_MAX_FEATURES_BYTES: '0',
          LOG_LEVEL: 'silent',
        },
      });
      workers.push(worker);
      return worker;
    };
    try {
      const { id } = await small.submit(fewPages);
      // The largest file that it may write stands for the room on the disk: the index fits, a chunk does not.
      const limited = startWorker('ulimit -f 60 &&');
      const { state, error } = await small.waitForEnd(id);
      limited.kill('SIGTERM');
      assert.deepEqual([state, error?.code], ['failed', 'storage_failed'], JSON.stringify(error));
      assert.match(error!.message, /larger than is allowed.*submitted again/);
      const chunks = (array: string) => readdir(path.join(folder, 'stores/full/embeddings.zarr', array));
      assert.deepEqual(
        [await chunks('panel_embeddings'), await chunks('panel_masks')],
        [
          ['.zarray', '.zattrs'],
          ['.zarray', '.zattrs'],
        ],
      );
      const next = await small.submit(fewPages);
      startWorker('');
      assert.equal((await small.waitForEnd(next.id)).state, 'succeeded');
      assert.deepEqual(await chunks('panel_masks'), ['.zarray', '.zattrs', '0.0']);
    } finally {
      for (const worker of workers) worker.kill('SIGTERM');
      await small.stop();
    }
  });
});
