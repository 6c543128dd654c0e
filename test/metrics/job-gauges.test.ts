import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Registry } from 'prom-client';
import { type JobsReader, registerJobGauges } from '../../src/metrics/job-gauges.ts';

type RunningJobs = Awaited<ReturnType<JobsReader['running']>>;

const training: RunningJobs[number] = {
  id: 'a',
  type: 'train',
  spec: { output: 'head' },
  progress: { done: 30, total: 120, rate: 2.5, detail: { epoch: 2, loss: 0.5, grad_norm: null } },
};

function createReader(running: () => Promise<RunningJobs>): JobsReader {
  return {
    countByState: async () => [{ type: 'train', state: 'running', count: 1 }],
    countOpenTasks: async () => ({ waiting: 3, running: 1 }),
    workers: () => ({ running: 1, asleep: 0 }),
    running,
  };
}

it('gauges of running jobs have the values of the scrape, and are empty once the jobs have ended', async () => {
  let running: RunningJobs = [training];
  const registry = new Registry();
  registerJobGauges(
    registry,
    createReader(async () => running),
  );
  const text = await registry.metrics();
  assert.match(text, /^panelvec_jobs\{type="train",state="running"\} 1$/m);
  assert.match(text, /^panelvec_jobs\{type="train",state="failed"\} 0$/m);
  assert.match(text, /^panelvec_tasks\{state="waiting"\} 3$/m);
  assert.match(text, /^panelvec_tasks\{state="running"\} 1$/m);
  assert.match(text, /^panelvec_workers\{state="running"\} 1$/m);
  assert.match(text, /^panelvec_job_rate\{job_id="a",type="train",output="head"\} 2\.5$/m);
  assert.match(text, /^panelvec_job_progress_ratio\{job_id="a",type="train",output="head"\} 0\.25$/m);
  assert.match(text, /^panelvec_job_detail\{job_id="a",output="head",name="loss"\} 0\.5$/m);
  assert.match(text, /^panelvec_job_detail\{job_id="a",output="head",name="grad_norm"\} NaN?$/im);
  running = [];
  assert.doesNotMatch(await registry.metrics(), /panelvec_job_(progress_ratio|rate|detail)\{/);
});

it('a job without a total has no progress ratio, and there are no jobs while the database is away', async () => {
  const registry = new Registry();
  registerJobGauges(
    registry,
    createReader(async () => [{ ...training, progress: { done: 3, total: null, rate: 0, detail: null } }]),
  );
  assert.doesNotMatch(await registry.metrics(), /panelvec_job_progress_ratio\{/);
  const emptyRegistry = new Registry();
  registerJobGauges(emptyRegistry, {
    countByState: () => Promise.reject(new Error('away')),
    countOpenTasks: () => Promise.reject(new Error('away')),
    workers: () => ({ running: 0, asleep: 1 }),
    running: () => Promise.reject(new Error('away')),
  });
  assert.doesNotMatch(await emptyRegistry.metrics(), /panelvec_(jobs|tasks|job_\w+)\{/);
});
