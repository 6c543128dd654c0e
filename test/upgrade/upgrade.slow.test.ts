import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { JOB_MIGRATIONS } from '../../src/database/migrations.ts';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { localSockets } from '../support/databases.ts';
import { type JobQueue, openJobQueue } from '../support/job-queue.ts';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { readZarrStore } from '../support/read-zarr.ts';
import { MAIN_FILE } from '../support/service-process.ts';
import { FORMER_STATES, type FormerState } from './former-state.ts';

/** Processors differ in the last digits. On the machine that made the fixture the numbers are equal. */
const TOLERANCE = 1e-4;

/** The fields of responses that are read here */
interface Answer {
  readonly space: string;
  readonly data: readonly { readonly id: string; readonly score: number; readonly embedding: readonly number[] }[];
}

for (const { name, skip, open } of FORMER_STATES) {
  describe(`the state of ${name}`, { skip }, () => {
    let state: FormerState;
    let service: JobService;
    let queue: JobQueue;
    let environment: Record<string, string>;
    before(async () => {
      state = await open();
      environment = { DATABASE_URL: state.databaseUrl ?? '', PANELVEC_MAX_FEATURES_BYTES: '0' };
      service = await startJobService(
        state.home,
        { folder: state.corpus },
        { ...environment, PANELVEC_SEARCH: 'on', PANELVEC_WORKERS: '0', PANELVEC_ALLOW_ANONYMOUS: '1' },
      );
      queue = await openJobQueue({ url: state.databaseUrl, home: state.home, localSockets, stop: async () => {} });
    });
    after(async () => {
      await queue?.close();
      await service?.stop();
      await state?.remove();
    });

    async function post(call: string, body: object): Promise<Answer> {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${service.address}${call}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 200, await response.clone().text());
      return response.json() as Promise<Answer>;
    }
    const readStore = (output: string) => readZarrStore(path.join(state.home, `stores/${output}/embeddings.zarr`));

    it('has all migrations when the service is ready', async () => {
      const { rows } = await queue.database.query<{ version: number }>(
        'SELECT version FROM panelvec.migrations ORDER BY version',
      );
      assert.deepEqual(
        rows.map(({ version }) => version),
        [...JOB_MIGRATIONS.statements.keys()],
      );
    });

    it('has its jobs', async () => {
      const { data } = (await (await fetch(`${service.address}/v1/jobs`)).json()) as { data: JobResponse[] };
      assert.deepEqual(
        data.map(({ id, type, state }) => ({ id, type, state })),
        state.expected.jobs,
      );
    });

    it('has its models, one of them under the alias that was activated, with the same vectors', async () => {
      const { panel, vectors } = state.expected;
      for (const [model, { space, embedding }] of Object.entries(vectors)) {
        const response = await post('/v1/embeddings/panel', { model, input: [panel] });
        assert.equal(response.space, space);
        assertClose(response.data[0]?.embedding ?? [], embedding);
      }
    });

    it('has its collection, with the same hits', async () => {
      for (const { query, hits } of state.expected.searches) {
        const { data } = await post('/v1/search', { collection: 'panels', ...query, top_k: hits.length });
        assert.deepEqual(
          data.map(({ id }) => id),
          hits.map(({ id }) => id),
        );
        const scores = data.map(({ score }) => score);
        assertClose(
          scores,
          hits.map(({ score }) => score),
        );
      }
    });

    it('has its key', async () => {
      const listWith = async (key: string) =>
        (await fetch(`${service.address}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
      const { key } = state.expected;
      assert.deepEqual([await listWith(key), await listWith(`${key.slice(0, -4)}AAAA`)], [200, 401]);
    });

    it('has a job that a worker of now takes up where one of then was killed, and one that waited', async () => {
      await state.relocate(queue.database);
      const [waiting, half] = state.expected.jobs;
      assert.deepEqual([waiting?.state, half?.state], ['queued', 'running']);
      const worker = spawn(process.execPath, [MAIN_FILE, 'worker'], {
        env: {
          ...process.env,
          ...environment,
          PANELVEC_HOME: state.home,
          PANELVEC_DATA_ROOTS: state.corpus,
          PANELVEC_PROVIDER: 'cpu',
          PANELVEC_THREADS: '1',
          LOG_LEVEL: 'silent',
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const exited = once(worker, 'exit');
      try {
        for (const { id } of [half!, waiting!]) {
          const job = await service.waitForEnd(id);
          assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
        }
      } finally {
        worker.kill('SIGTERM');
        await exited;
      }
      const finished = await readStore('finished');
      for (const output of ['half', 'waiting']) {
        const store = await readStore(output);
        assert.deepEqual(store.shape, finished.shape);
        for (const chunk of [0, 1]) {
          const [actual, expected] = [await store.readChunk(chunk), await finished.readChunk(chunk)];
          assert.deepEqual(actual.masks, expected.masks);
          assertClose(actual.embeddings, expected.embeddings);
        }
      }
    });
  });
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) < TOLERANCE, `number ${i}: ${actual[i]}, not ${expected[i]}`);
  }
}
