import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Children, request } from '../children.ts';
import { quantile } from '../statistics.ts';
import { type Corpus, writeCorpus } from './bench-corpus.ts';
import { embedSpec } from './bench-job-client.ts';
import { type RunningJobService, withJobService } from './bench-job-service.ts';
import { readBulkPanels } from './bulk-panels.ts';
import type { CallerRequest, CallerResult } from './caller.ts';
import { EXAMPLE_IMAGES, examplePage, PANELS_PER_PAGE } from './example-pages.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/** One call after the other; or one each fifth of a second, as somebody who searches makes them. */
export const CALL_PATTERNS = [
  { pace: 'closed loop', periodMs: 0 },
  { pace: 'every 200 ms', periodMs: 200 },
] as const;

/** More pages than any of these machines embeds in the time, so that the job never ends by itself. */
const PAGES = 4000;
const WARM_UP_SECONDS = 2;
/** So long after the last call, a job has the engines to itself. */
const QUIET_SECONDS = 6;

export interface BesideSettings {
  readonly model: string;
  readonly modelsFolder: string;
  readonly threads: number;
  readonly seconds: number;
}

interface Latency {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface BesideResult {
  readonly threads: number;
  /** Of the job while nobody calls */
  readonly alonePagesPerSecond: number;
  readonly paces: readonly {
    readonly pace: string;
    readonly without: Latency;
    readonly beside: Latency;
    readonly p95Ratio: number;
    readonly pagesPerSecond: number;
  }[];
}

/** Calls of one service without a job, then beside one. */
export async function measureBeside({ model, modelsFolder, threads, seconds }: BesideSettings): Promise<BesideResult> {
  using folder = new TemporaryFolder();
  const corpus = writeCorpus(folder.path, PAGES, examplePage, EXAMPLE_IMAGES);
  await using children = new Children(process.env);
  const { child } = await children.fork('jobs/caller.ts');
  return await withJobService({ threads, models: [model], modelsFolder, corpus }, (service) =>
    measure(service, child, corpus, { threads, seconds }),
  );
}

async function measure(
  { address, jobs }: RunningJobService,
  caller: ChildProcess,
  corpus: Corpus,
  { threads, seconds }: Pick<BesideSettings, 'threads' | 'seconds'>,
): Promise<BesideResult> {
  const call = async (periodMs: number, window = seconds): Promise<Latency> => {
    const latencies = await request<CallerRequest, CallerResult>(caller, { address, periodMs, seconds: window });
    return { calls: latencies.length, p50Ms: quantile(latencies, 0.5), p95Ms: quantile(latencies, 0.95) };
  };
  await call(0, WARM_UP_SECONDS);
  const without: Latency[] = [];
  for (const { periodMs } of CALL_PATTERNS) without.push(await call(periodMs));

  const id = await jobs.submit(embedSpec('beside', corpus));
  await jobs.waitForEmbedding(id);
  await delay(QUIET_SECONDS * 1000);
  const alone = await pagesPerSecond(address, () => delay(seconds * 1000));
  await call(0, WARM_UP_SECONDS);
  const paces: BesideResult['paces'][number][] = [];
  for (const [i, { pace, periodMs }] of CALL_PATTERNS.entries()) {
    const { result: beside, rate } = await pagesPerSecond(address, () => call(periodMs));
    paces.push({
      pace,
      without: without[i]!,
      beside,
      p95Ratio: beside.p95Ms / without[i]!.p95Ms,
      pagesPerSecond: rate,
    });
  }
  const { state } = await jobs.cancel(id);
  if (state !== 'cancelling') throw new Error(`the job was ${state} before the calls were: it needs more pages`);
  return { threads, alonePagesPerSecond: alone.rate, paces };
}

/** How many of the job's pages a service had computed in a second while something else was done. */
async function pagesPerSecond<T>(address: string, work: () => Promise<T>): Promise<{ result: T; rate: number }> {
  const before = await readBulkPanels(address);
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  const panels = (await readBulkPanels(address)) - before;
  return { result, rate: panels / PANELS_PER_PAGE / seconds };
}
