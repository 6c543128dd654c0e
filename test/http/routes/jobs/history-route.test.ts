import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { errorHandler } from '../../../../src/http/plugins/error-handler.ts';
import { schemaValidation } from '../../../../src/http/plugins/schema-validation.ts';
import { historyRoute } from '../../../../src/http/routes/jobs/history-route.ts';
import type { Job } from '../../../../src/jobs/job.ts';
import { formatRecord } from '../../../../src/training/history/history-record.ts';

const ID = '00000000-0000-4000-8000-000000000000';
let home: string;
let app: FastifyInstance;
let job: Pick<Job, 'type' | 'spec'>;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-history-'));
  app = Fastify();
  for (const plugin of [errorHandler, schemaValidation]) await app.register(plugin);
  await app.register(historyRoute, { home, jobs: { get: async () => job as Job } });
});
after(async () => {
  await app.close();
  await rm(home, { recursive: true });
});

const getHistory = () => app.inject(`/v1/jobs/${ID}/history`);

describe('GET /v1/jobs/{id}/history', () => {
  it('gives the series of a training that still writes', async () => {
    job = { type: 'train', spec: { output: 'head' } };
    await mkdir(path.join(home, 'trainings/head'), { recursive: true });
    const records = [
      formatRecord({ kind: 'step', epoch: 1, step: 1, values: { loss: 2, grad_norm: Number.NaN } }),
      formatRecord({ kind: 'step', epoch: 1, step: 2, values: { loss: 1.5, grad_norm: 3 } }),
      formatRecord({ kind: 'epoch', epoch: 1, step: 2, values: { validation_loss: 1.25 } }),
      '{"kind":"step","epoch":2,',
    ];
    await writeFile(path.join(home, 'trainings/head/history.jsonl'), records.join(''));
    const response = await getHistory();
    assert.equal(response.statusCode, 200);
    assert.deepEqual(response.json(), {
      object: 'history',
      steps: {
        loss: [
          [1, 2],
          [2, 1.5],
        ],
        grad_norm: [
          [1, null],
          [2, 3],
        ],
      },
      epochs: { validation_loss: [[1, 1.25]] },
    });
  });

  it('says that a training has not begun, and that other jobs have no history', async () => {
    for (const other of [
      { type: 'train', spec: { output: 'not-begun' } },
      { type: 'embed', spec: { output: 'head' } },
    ]) {
      job = other;
      const response = await getHistory();
      assert.equal(response.statusCode, 404);
      assert.equal(response.json().error.code, 'not_found');
    }
  });
});
