import { setTimeout as delay } from 'node:timers/promises';
import type { JobResponse } from '../../src/http/routes/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import type { Corpus } from './bench-corpus.ts';

/** While the beginning of a phase is waited for. */
const FAST_POLL_MS = 50;
/** While a job runs: questions take their time from what is measured. */
const POLL_MS = 500;

/** Of report.json, what is looked at here. */
interface Report {
  readonly store: { readonly pages: number; readonly panels: number; readonly bad_pages: number };
}

/** What a finished job did, and how long it took since its pages began to be embedded. */
export interface JobRun {
  readonly pages: number;
  readonly panels: number;
  readonly seconds: number;
}

export function embedSpec(output: string, { dataset }: Corpus, model?: string): object {
  return { type: 'embed', output, dataset, model };
}

/** The jobs of a service at an address. */
export class JobClient {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Resolves with the id. @throws Error where the job is refused */
  async submit(spec: object): Promise<string> {
    const { id } = await this.#ask<JobResponse>('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    });
    return id;
  }

  get(id: string): Promise<JobResponse> {
    return this.#ask<JobResponse>(`/v1/jobs/${id}`);
  }

  cancel(id: string): Promise<JobResponse> {
    return this.#ask<JobResponse>(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  }

  /** Resolves with the time (ms since 1970) at which pages began to be embedded. @throws Error where nobody saw them be */
  async waitForEmbedding(id: string): Promise<number> {
    for (;;) {
      const { state, progress } = await this.get(id);
      const now = Date.now();
      if (progress.phase === 'embedding' && !hasEnded(state)) return now;
      if (hasEnded(state)) throw new Error(`job ${id} ${state} before it was seen embedding: make it longer`);
      await delay(FAST_POLL_MS);
    }
  }

  /** Resolves when it has. @param onPoll what each question on the way was answered @throws Error where the job does not succeed */
  async waitForSuccess(id: string, onPoll: (job: JobResponse) => void = () => {}): Promise<JobResponse> {
    for (;;) {
      const job = await this.get(id);
      onPoll(job);
      if (job.state === 'succeeded') return job;
      if (hasEnded(job.state)) throw new Error(`job ${id} ${job.state}: ${job.error?.message}`);
      await delay(POLL_MS);
    }
  }

  /** The text of a file that a job made. */
  readArtifact(id: string, name: string): Promise<string> {
    return this.#text(`/v1/jobs/${id}/artifacts/${name}`);
  }

  /** @throws Error where the job does not succeed, or leaves pages out */
  async run(output: string, corpus: Corpus, model?: string): Promise<JobRun> {
    const id = await this.submit(embedSpec(output, corpus, model));
    const startTime = await this.waitForEmbedding(id);
    const job = await this.waitForSuccess(id);
    const { store }: Report = JSON.parse(await this.readArtifact(id, 'report.json'));
    if (store.bad_pages > 0 || store.pages !== corpus.pages) throw new Error(`job ${id}: ${JSON.stringify(store)}`);
    const seconds = (Date.parse(job.finished_at!) - startTime) / 1000;
    return { pages: store.pages, panels: store.panels, seconds };
  }

  async #ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    return JSON.parse(await this.#text(path, init)) as Answer;
  }

  async #text(path: string, init: RequestInit = {}): Promise<string> {
    const response = await fetch(new URL(path, this.#address), init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  }
}
