import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { assertAllOk, type LoadResult, latencyMs } from '../load/attempt.ts';
import type { LoadRequest } from '../load/load-process.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { quantile } from '../runner/rounds.ts';
import { readJobPanels } from '../runner/service.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { type BenchCorpus, PANELS_PER_PAGE, writeExampleCorpus } from './example-corpus.ts';
import { embedSpec, type RunningJobService, withJobService } from './job-service.ts';

/** One request after the other; or one each fifth of a second, as somebody who searches sends them */
const PACES = [
  { pace: 'closed loop', periodMs: 0 },
  { pace: 'every 200 ms', periodMs: 200 },
] as const;

const THREADS = [1, 2];
/** More pages than any of these machines embeds in the time, so that the job never ends by itself */
const PAGES = 4000;
const WARM_UP_SECONDS = 2;
/** So long after the last request, a job has the engines to itself. */
const QUIET_SECONDS = 6;
const AIMS = { p95Ratio: 2 } as const;

export interface CallLatencySettings {
  readonly model: string;
  readonly modelsFolder: string;
  /** Length of one window of requests */
  readonly seconds: number;
}

interface Latency {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

interface PaceResult {
  readonly pace: string;
  readonly without: Latency;
  readonly beside: Latency;
  readonly p95Ratio: number;
  readonly pagesPerSecond: number;
}

interface CallLatencyResult {
  readonly threads: number;
  /** Of the job while there are no requests */
  readonly alonePagesPerSecond: number;
  readonly paces: readonly PaceResult[];
}

/** How long do requests for one picture take without a job, and how long beside one on the same engine? */
export async function benchCallLatency(settings: CallLatencySettings): Promise<void> {
  const { seconds } = settings;
  const results: CallLatencyResult[] = [];
  for (const threads of THREADS) {
    printProgress(`jobs, calls beside one, ${threads} thread(s): windows of ${seconds} s`);
    results.push(await measureWithThreads(threads, settings));
  }
  const aims = `aim: p95 at most ${AIMS.p95Ratio} times that without a job`;
  printReport([...formatTable(toRows(results)), aims], { part: 'jobs', of: 'calls', seconds, aims: AIMS, results });
}

async function measureWithThreads(
  threads: number,
  { model, modelsFolder, seconds }: CallLatencySettings,
): Promise<CallLatencyResult> {
  using folder = new TemporaryFolder();
  const corpus = await writeExampleCorpus(folder, PAGES);
  await using children = new ChildProcesses();
  const { child } = await children.fork('load/load-process.ts');
  return await withJobService({ threads, models: [model], modelsFolder, corpus }, async (service) => ({
    threads,
    ...(await measureCallLatency(service, child, corpus, seconds)),
  }));
}

async function measureCallLatency(
  { address, jobs }: RunningJobService,
  loadDriver: ChildProcess,
  corpus: BenchCorpus,
  seconds: number,
): Promise<Omit<CallLatencyResult, 'threads'>> {
  const sendRequests = async (periodMs: number, windowSeconds = seconds): Promise<Latency> => {
    const { attempts } = await request<LoadRequest, LoadResult>(loadDriver, {
      address,
      target: 'image',
      arrival: { kind: 'closed', clients: 1, periodMs },
      seconds: windowSeconds,
    });
    assertAllOk(attempts);
    const latencies = attempts.map(latencyMs);
    return { calls: latencies.length, p50Ms: quantile(latencies, 0.5), p95Ms: quantile(latencies, 0.95) };
  };
  await sendRequests(0, WARM_UP_SECONDS);
  const withoutJob: { pace: string; periodMs: number; without: Latency }[] = [];
  for (const pace of PACES) withoutJob.push({ ...pace, without: await sendRequests(pace.periodMs) });

  const id = await jobs.submit(embedSpec('beside', corpus));
  await jobs.waitForEmbedding(id);
  await delay(QUIET_SECONDS * 1000);
  const alone = await pagesPerSecond(address, () => delay(seconds * 1000));
  await sendRequests(0, WARM_UP_SECONDS);
  const paces: PaceResult[] = [];
  for (const { pace, periodMs, without } of withoutJob) {
    const { result: beside, rate } = await pagesPerSecond(address, () => sendRequests(periodMs));
    paces.push({ pace, without, beside, p95Ratio: beside.p95Ms / without.p95Ms, pagesPerSecond: rate });
  }
  const { state } = await jobs.cancel(id);
  if (state !== 'cancelling') throw new Error(`the job was ${state} before the requests ended: it needs more pages`);
  return { alonePagesPerSecond: alone.rate, paces };
}

/** Result of `work`, and the pages per second that a service has computed for its job meanwhile. */
async function pagesPerSecond<T>(address: string, work: () => Promise<T>): Promise<{ result: T; rate: number }> {
  const before = await readJobPanels(address);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const panels = (await readJobPanels(address)) - before;
  return { result, rate: panels / PANELS_PER_PAGE / seconds };
}

const COLUMNS = ['threads', 'calls', 'without p50', 'p95', 'beside p50', 'p95', 'of p95', 'job pages/s', 'alone'];

function toRows(results: readonly CallLatencyResult[]): string[][] {
  const rows = results.flatMap(({ threads, alonePagesPerSecond, paces }) =>
    paces.map(({ pace, without, beside, p95Ratio, pagesPerSecond }) => [
      String(threads),
      pace,
      ...[without.p50Ms, without.p95Ms, beside.p50Ms, beside.p95Ms].map((value) => `${value.toFixed(1)} ms`),
      ...[p95Ratio, pagesPerSecond, alonePagesPerSecond].map((value) => value.toFixed(2)),
    ]),
  );
  return [COLUMNS, ...rows];
}
