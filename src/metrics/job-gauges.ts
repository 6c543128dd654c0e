import { Gauge, type Registry } from 'prom-client';
import { JOB_STATES } from '../jobs/job.ts';
import { JOB_TYPES } from '../jobs/job-spec.ts';

/** What the gauges of jobs read. All may reject, but `workers`. */
export interface JobsReader {
  countByState(): Promise<readonly { readonly type: string; readonly state: string; readonly count: number }[]>;
  countOpenTasks(): Promise<{ readonly waiting: number; readonly running: number }>;
  workers(): { readonly running: number; readonly asleep: number };
  running(): Promise<
    readonly {
      readonly id: string;
      readonly type: string;
      readonly spec: Readonly<Record<string, unknown>>;
      readonly progress: {
        readonly done: number;
        readonly total: number | null;
        readonly rate: number;
        readonly detail: Readonly<Record<string, number | null>> | null;
      };
    }[]
  >;
}

/** Registers the gauges of jobs, which are read for each scrape. Those of the database are empty while it is away. */
export function registerJobGauges(registry: Registry, jobs: JobsReader): void {
  registerCounts(registry, jobs);
  registerProgress(registry, jobs);
}

function registerCounts(registry: Registry, jobs: JobsReader): void {
  const registers = [registry];
  new Gauge({
    name: 'panelvec_jobs',
    help: 'Jobs by type and state',
    labelNames: ['type', 'state'],
    registers,
    async collect() {
      this.reset();
      const counts = await jobs.countByState().catch(() => undefined);
      if (counts === undefined) return;
      // From 0 on: nobody sees how a number grew that was not there before.
      for (const type of JOB_TYPES) for (const state of JOB_STATES) this.set({ type, state }, 0);
      for (const { type, state, count } of counts) this.set({ type, state }, count);
    },
  });
  new Gauge({
    name: 'panelvec_tasks',
    help: 'Tasks of jobs that are not completed: waiting for a worker, or running',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const counts = await jobs.countOpenTasks().catch(() => undefined);
      for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'panelvec_workers',
    help: 'Workers that this service runs, and those that it starts when a task waits (asleep)',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, asleep } = jobs.workers();
      this.set({ state: 'running' }, running);
      this.set({ state: 'asleep' }, asleep);
    },
  });
}

function registerProgress(registry: Registry, jobs: JobsReader): void {
  const registers = [registry];
  // One read for all gauges of a scrape, so that they describe the same moment.
  let pendingRead: ReturnType<JobsReader['running']> | undefined;
  const readRunning = () => {
    pendingRead ??= jobs
      .running()
      .catch(() => [])
      .finally(() => {
        pendingRead = undefined;
      });
    return pendingRead;
  };
  new Gauge({
    name: 'panelvec_job_progress_ratio',
    help: 'How much of its present phase a running job has done, from 0 to 1',
    labelNames: ['job_id', 'type', 'output'],
    registers,
    async collect() {
      this.reset();
      for (const { id, type, spec, progress } of await readRunning()) {
        const { done, total } = progress;
        if (total !== null) this.set({ job_id: id, type, output: String(spec['output']) }, done / total);
      }
    },
  });
  new Gauge({
    name: 'panelvec_job_rate',
    help: 'Pages a second of a running job, by all its workers together',
    labelNames: ['job_id', 'type', 'output'],
    registers,
    async collect() {
      this.reset();
      for (const { id, type, spec, progress } of await readRunning())
        this.set({ job_id: id, type, output: String(spec['output']) }, progress.rate);
    },
  });
  new Gauge({
    name: 'panelvec_job_detail',
    help: 'Numbers of the moment of a running job, by name: epoch, step, loss, grad_norm, learning_rate of a training',
    labelNames: ['job_id', 'output', 'name'],
    registers,
    async collect() {
      this.reset();
      for (const { id, spec, progress } of await readRunning()) {
        for (const [name, value] of Object.entries(progress.detail ?? {})) {
          this.set({ job_id: id, output: String(spec['output']), name }, value ?? Number.NaN);
        }
      }
    },
  });
}
