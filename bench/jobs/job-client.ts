import { setTimeout as delay } from 'node:timers/promises';
import type { JobAnswer } from '../../src/http/jobs/job-schemas.ts';
import { hasEnded } from '../../src/jobs/job.ts';
import type { Corpus } from './corpus.ts';

/** While the beginning of a phase is waited for. */
const CLOSE_POLL_MS = 50;
/** While a job runs: questions take their time from what is measured. */
const POLL_MS = 500;

/** What a finished job did, and how long it took since its pages began to be embedded. */
export interface JobRun {
  readonly pages: number;
  readonly panels: number;
  readonly seconds: number;
}

/** The jobs of a service at an address. */
export class JobClient {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Resolves with the id. @throws Error where the job is refused */
  async submit(output: string, { dataset }: Corpus, model?: string): Promise<string> {
    const { id } = await this.#ask<JobAnswer>('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'embed', output, dataset, model }),
    });
    return id;
  }

  get(id: string): Promise<JobAnswer> {
    return this.#ask<JobAnswer>(`/v1/jobs/${id}`);
  }

  cancel(id: string): Promise<JobAnswer> {
    return this.#ask<JobAnswer>(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  }

  /** Resolves with the time (ms since 1970) at which pages began to be embedded. @throws Error where nobody saw them be */
  async embedding(id: string): Promise<number> {
    for (;;) {
      const { state, progress } = await this.get(id);
      const now = Date.now();
      if (progress.phase === 'embedding' && !hasEnded(state)) return now;
      if (hasEnded(state)) throw new Error(`job ${id} ${state} before it was seen embedding: make it longer`);
      await delay(CLOSE_POLL_MS);
    }
  }

  /** @throws Error where the job does not succeed, or leaves pages out */
  async run(output: string, corpus: Corpus, model?: string): Promise<JobRun> {
    const id = await this.submit(output, corpus, model);
    const began = await this.embedding(id);
    let job = await this.get(id);
    while (!hasEnded(job.state)) {
      await delay(POLL_MS);
      job = await this.get(id);
    }
    if (job.state !== 'succeeded') throw new Error(`job ${id} ${job.state}: ${job.error?.message}`);
    const { store } = await this.#ask<{ store: { pages: number; panels: number; bad_pages: number } }>(
      `/v1/jobs/${id}/artifacts/report.json`,
    );
    if (store.bad_pages > 0 || store.pages !== corpus.pages) throw new Error(`job ${id}: ${JSON.stringify(store)}`);
    const seconds = (Date.parse(job.finished_at!) - began) / 1000;
    return { pages: store.pages, panels: store.panels, seconds };
  }

  async #ask<Answer>(place: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await fetch(new URL(place, this.#address), init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${place}: ${answer.status} ${text}`);
    return JSON.parse(text) as Answer;
  }
}
