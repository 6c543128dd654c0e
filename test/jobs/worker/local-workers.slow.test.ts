import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StatusResponse } from '../../../src/http/routes/service/status-route.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Longer than the slowest start of a worker on a busy machine */
const START_TIMEOUT_MS = 60_000;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(20), makeTinyModel()]);
});
after(async () => {
  await corpus.remove();
  await tiny.remove();
});

async function readWorkers(service: JobService) {
  const status = (await (await fetch(`${service.address}/v1/status`)).json()) as StatusResponse;
  assert.deepEqual(status.problems, []);
  return status.jobs?.workers;
}

async function runJob(service: JobService, output: string): Promise<void> {
  const { id } = await service.submit({ type: 'embed', output, dataset: corpus.dataset });
  const { state, error } = await service.waitForEnd(id);
  assert.equal(state, 'succeeded', JSON.stringify(error));
}

describe('the workers of a service', () => {
  it('start when a task waits for them, and end when there has been none for a time', async () => {
    const service = await startJobService(tiny.home, corpus, {
      PANELVEC_WORKERS: '2',
      PANELVEC_WORKER_IDLE_SECONDS: '1',
    });
    try {
      assert.deepEqual(await readWorkers(service), { expected: 2, running: 0, asleep: 2 });
      assert.deepEqual(service.pids('panelvec-worker'), []);
      for (const output of ['first', 'second']) {
        await runJob(service, output);
        await waitFor('the workers to end', async () => (await readWorkers(service))?.running === 0);
        assert.deepEqual(await readWorkers(service), { expected: 2, running: 0, asleep: 2 });
      }
    } finally {
      await service.stop();
    }
  });

  it('all run from the start to the end where they may not be idle', async () => {
    const service = await startJobService(tiny.home, corpus, {
      PANELVEC_WORKERS: '2',
      PANELVEC_WORKER_IDLE_SECONDS: '0',
    });
    try {
      assert.deepEqual(await readWorkers(service), { expected: 2, running: 2, asleep: 0 });
      const pids = await waitFor(
        'two workers',
        () => {
          const found = service.pids('panelvec-worker');
          return found.length === 2 ? found : undefined;
        },
        START_TIMEOUT_MS,
      );
      for (const pid of pids) process.kill(pid, 'SIGTERM');
      await waitFor(
        'two others',
        () => {
          const found = service.pids('panelvec-worker').filter((pid) => !pids.includes(pid));
          return found.length === 2;
        },
        START_TIMEOUT_MS,
      );
    } finally {
      await service.stop();
    }
  });
});
