import assert from 'node:assert/strict';
import { it } from 'node:test';
import { jobSchema, toJobResponse } from '../../../../src/http/routes/jobs/job-schemas.ts';
import type { Job, Progress } from '../../../../src/jobs/job.ts';

const job = (detail: Progress['detail']): Job => ({
  id: '00000000-0000-4000-8000-000000000000',
  type: 'train',
  spec: {},
  state: 'running',
  progress: { done: 1, total: 2, rate: 1, seconds_left: 1, phase: 'training', detail },
  attempts: 1,
  error: null,
  created_at: new Date(0),
  started_at: new Date(0),
  finished_at: null,
  artifacts: [],
  revision: 1,
});

it('shows the current numbers of a job in its progress, as its schema describes them', () => {
  for (const detail of [{ epoch: 3, 'loss/total': 0.125, worst: null }, null]) {
    assert.deepEqual(jobSchema.parse(toJobResponse(job(detail))).progress.detail, detail);
  }
});
