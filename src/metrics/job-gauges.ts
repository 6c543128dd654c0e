import { Gauge, type Registry } from 'prom-client';

/** What the gauges of jobs read. Both methods may reject. */
export interface JobsReader {
  countByState(): Promise<readonly { readonly type: string; readonly state: string; readonly count: number }[]>;
  running(): Promise<
    readonly {
      readonly id: string;
      readonly type: string;
      readonly spec: Readonly<Record<string, unknown>>;
      readonly progress: {
        readonly done: number;
        readonly total: number | null;
        readonly detail: Readonly<Record<string, number | null>> | null;
      };
    }[]
  >;
}

/** Registers the gauges of jobs, which are read for each scrape. They are empty while the database is away. */
export function registerJobGauges(registry: Registry, jobs: JobsReader): void {
  const registers = [registry];
  new Gauge({
    name: 'panelvec_jobs',
    help: 'Jobs by type and state',
    labelNames: ['type', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { type, state, count } of await jobs.countByState().catch(() => [])) this.set({ type, state }, count);
    },
  });
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
    labelNames: ['job', 'type', 'output'],
    registers,
    async collect() {
      this.reset();
      for (const { id: job, type, spec, progress } of await readRunning()) {
        const { done, total } = progress;
        if (total !== null) this.set({ job, type, output: String(spec['output']) }, done / total);
      }
    },
  });
  new Gauge({
    name: 'panelvec_job_detail',
    help: 'Numbers of the moment of a running job, by name: epoch, step, loss, grad_norm, learning_rate of a training',
    labelNames: ['job', 'output', 'name'],
    registers,
    async collect() {
      this.reset();
      for (const { id: job, spec, progress } of await readRunning()) {
        for (const [name, value] of Object.entries(progress.detail ?? {})) {
          this.set({ job, output: String(spec['output']), name }, value ?? Number.NaN);
        }
      }
    },
  });
}
