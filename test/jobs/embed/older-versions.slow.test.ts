import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { localSockets } from '../../support/databases.ts';
import { type JobQueue, openJobQueue } from '../../support/job-queue.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { MAIN_FILE } from '../../support/service-process.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
let queue: JobQueue;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(12), makeTinyModel()]);
  service = await startJobService(tiny.home, corpus, { PANELVEC_WORKERS: '0' });
  queue = await openJobQueue({ url: undefined, home: tiny.home, localSockets, stop: async () => {} });
});
after(async () => {
  await queue.close();
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const spec = (output: string) => ({ type: 'embed', output, dataset: corpus.dataset });

async function runWorkerUntilEnd(id: string) {
  const worker: ChildProcess = spawn(process.execPath, [MAIN_FILE, 'worker'], {
    env: {
      ...process.env,
      PANELVEC_HOME: tiny.home,
      PANELVEC_DATA_ROOTS: corpus.folder,
      PANELVEC_PROVIDER: 'cpu',
      PANELVEC_THREADS: '1',
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(worker, 'exit');
  try {
    return await service.waitForEnd(id);
  } finally {
    worker.kill('SIGTERM');
    await exited;
  }
}

describe('after an update of the service', () => {
  it('a job that waits from before is done, with the defaults of the fields that it lacks', async () => {
    const { id, spec: stored } = await service.submit(spec('waiting'));
    const { model, output, max_bad_pages } = stored;
    const limits = { limit: null, max_panels_per_page: 16, only_narrative: true, identifiers: 'bridged' };
    const earlier = { type: 'embed', model, output, max_bad_pages, dataset: { ...corpus.dataset, ...limits } };
    await queue.database.query('UPDATE panelvec.jobs SET spec = $2 WHERE id = $1', [id, JSON.stringify(earlier)]);
    const { state, error } = await runWorkerUntilEnd(id);
    assert.equal(state, 'succeeded', JSON.stringify(error));
  });

  it('a job that a later version has stored fails with the field that is not known', async () => {
    const { id, spec: stored } = await service.submit(spec('later'));
    const later = { ...stored, colour: 'red' };
    await queue.database.query('UPDATE panelvec.jobs SET spec = $2 WHERE id = $1', [id, JSON.stringify(later)]);
    const { state, error } = await runWorkerUntilEnd(id);
    assert.deepEqual([state, error?.code], ['failed', 'invalid_request']);
    assert.match(error?.message ?? '', /another version of panelvec .*colour/);
  });
});
