import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../../src/config.ts';
import { runtimeFolder } from '../../src/database/runtime-folder.ts';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import { homeModelsFolder } from '../../src/model/model-folders.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { serviceEnvironment, startService } from '../runner/service.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import type { BenchCorpus } from './example-corpus.ts';

/** Poll interval while the beginning of a phase is waited for */
const FAST_POLL_MS = 50;
/** Poll interval while a job runs: requests take their time from what is measured */
const POLL_MS = 500;

export interface JobServiceSettings {
  readonly threads: number;
  /** The first is the default. */
  readonly models: readonly string[];
  /** Folder of the models that do not come with the project */
  readonly modelsFolder: string;
  readonly corpus: BenchCorpus;
}

export interface RunningJobService {
  readonly address: string;
  readonly pid: number;
  readonly jobs: JobClient;
}

/** Starts a service with an empty home and its own embedded database, calls `work`, and stops and removes everything. */
export async function withJobService<T>(
  { threads, models, modelsFolder, corpus }: JobServiceSettings,
  work: (service: RunningJobService) => Promise<T>,
): Promise<T> {
  using folder = new TemporaryFolder();
  const home = path.join(folder.path, 'home');
  using _runtimeFolder = new TemporaryFolder(runtimeFolder(home));
  mkdirSync(home);
  symlinkSync(modelsFolder, homeModelsFolder(home));
  await using children = new ChildProcesses({
    ...modelEnvironment({ threads, models, home }),
    PANELVEC_DATA_ROOTS: corpus.roots.join(','),
    PANELVEC_JOBS: 'on',
    PANELVEC_EXAMPLE_COLLECTION: 'off',
    // Empty for the embedded database, whatever the environment says.
    DATABASE_URL: '',
  });
  const { address, child } = await startService(children);
  if (child.pid === undefined) throw new Error('the service has no process id');
  return await work({ address, pid: child.pid, jobs: new JobClient(address) });
}

/** Settings that a service and a raw loop beside it share. */
export function modelEnvironment({
  threads,
  models,
  home,
}: Pick<JobServiceSettings, 'threads' | 'models'> & { readonly home: string }): Environment {
  return { ...serviceEnvironment(threads), PANELVEC_HOME: home, PANELVEC_MODELS: models.join(',') };
}

/** The fields of report.json that are used here. */
interface Report {
  readonly store: { readonly pages: number; readonly panels: number; readonly bad_pages: number };
}

/** What a finished job did, and how long it took from the first embedded page on. */
export interface JobRun {
  readonly pages: number;
  readonly panels: number;
  readonly seconds: number;
}

export function embedSpec(output: string, { dataset }: BenchCorpus, model?: string): object {
  return { type: 'embed', output, dataset, model };
}

/** The jobs of a running service. */
export class JobClient {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Submits a job. Resolves with its id. @throws Error if the job is refused */
  async submit(spec: object): Promise<string> {
    const { id } = await this.#fetchJob('', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    });
    return id;
  }

  cancel(id: string): Promise<JobResponse> {
    return this.#fetchJob(`/${id}/cancel`, { method: 'POST' });
  }

  /** Resolves with the time (ms since 1970) at which pages began to be embedded. @throws Error if the job ends before that */
  async waitForEmbedding(id: string): Promise<number> {
    for (;;) {
      const { state, progress } = await this.#fetchJob(`/${id}`);
      const now = Date.now();
      if (hasEnded(state)) throw new Error(`job ${id} ${state} before it was seen embedding: give it more pages`);
      if (progress.phase === 'embedding') return now;
      await delay(FAST_POLL_MS);
    }
  }

  /** Resolves when the job has succeeded. @param onPoll is called with each state on the way @throws Error if it fails */
  async waitForSuccess(id: string, onPoll: (job: JobResponse) => void = () => {}): Promise<JobResponse> {
    for (;;) {
      const job = await this.#fetchJob(`/${id}`);
      onPoll(job);
      if (job.state === 'succeeded') return job;
      if (hasEnded(job.state)) throw new Error(`job ${id} ${job.state}: ${job.error?.message}`);
      await delay(POLL_MS);
    }
  }

  /** Reads the text of a file that a job has made. */
  readArtifact(id: string, name: string): Promise<string> {
    return this.#fetchText(`/${id}/artifacts/${name}`);
  }

  /** Runs a job to its end. @throws Error if it fails or leaves pages out */
  async run(output: string, corpus: BenchCorpus, model?: string): Promise<JobRun> {
    const id = await this.submit(embedSpec(output, corpus, model));
    const startMs = await this.waitForEmbedding(id);
    const endMs = endOf(await this.waitForSuccess(id));
    const { store }: Report = JSON.parse(await this.readArtifact(id, 'report.json'));
    if (store.bad_pages > 0 || store.pages !== corpus.pages) throw new Error(`job ${id}: ${JSON.stringify(store)}`);
    return { pages: store.pages, panels: store.panels, seconds: (endMs - startMs) / 1000 };
  }

  async #fetchJob(path: string, init?: RequestInit): Promise<JobResponse> {
    return JSON.parse(await this.#fetchText(path, init));
  }

  async #fetchText(path: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(new URL(`/v1/jobs${path}`, this.#address), init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
    return text;
  }
}

/** Time (ms since 1970) at which a job ended. */
export function endOf({ id, finished_at: finishedAt }: JobResponse): number {
  if (finishedAt === null) throw new Error(`job ${id} has not ended`);
  return Date.parse(finishedAt);
}
