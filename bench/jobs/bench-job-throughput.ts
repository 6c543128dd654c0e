import { constants } from 'node:os';
import path from 'node:path';
import { median } from '../../src/util/arrays.ts';
import type { RawLoopRequest } from '../load/raw-loop.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport } from '../runner/report.ts';
import { measureInTurn, runRounds, summariseRounds } from '../runner/rounds.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { PANELS_PER_PAGE, writeExampleCorpus } from './example-corpus.ts';
import { type JobRun, modelEnvironment, withJobService } from './job-service.ts';

const AIMS = { ofRaw: 0.95, againFaster: 20 } as const;

export interface ThroughputSettings {
  readonly model: string;
  /** A model with the same encoders and another head */
  readonly newHead: string;
  readonly modelsFolder: string;
  readonly threads: number;
  readonly rounds: number;
  /** About how long a job shall take */
  readonly jobSeconds: number;
  /** Length of one window of the raw loop */
  readonly rawSeconds: number;
}

interface ThroughputRound {
  /** Panels per second of the raw loop */
  readonly rawBefore: number;
  readonly first: JobRun;
  readonly rawAfter: number;
  /** The same pages with the new head: encoders have nothing left to do */
  readonly again: JobRun;
}

interface ThroughputSummary extends Pick<ThroughputSettings, 'model' | 'threads'> {
  readonly pages: number;
  readonly panels: number;
  readonly rawPanelsPerSecond: number;
  readonly panelsPerSecond: number;
  /** Median of the rounds' ratios to the raw loop */
  readonly ofRaw: number;
  readonly ofRawByRound: readonly number[];
  readonly firstSeconds: number;
  readonly againSeconds: number;
  /** Median of the rounds' ratios of the first job's time to that of the second */
  readonly againFaster: number;
  readonly againFasterByRound: readonly number[];
}

/** What does a job cost beside the bare ONNX Runtime loop, and what does it cost again with a new head? */
export async function benchJobThroughput(contests: readonly ThroughputSettings[]): Promise<void> {
  const results: ThroughputSummary[] = [];
  for (const settings of contests) {
    const { model, threads, rounds, jobSeconds } = settings;
    printProgress(`jobs, ${model}, ${threads} thread(s): ${rounds} rounds of jobs of ${jobSeconds} s`);
    results.push(summarise(settings, await measureThroughput(settings)));
  }
  const aims = `aims: job ${AIMS.ofRaw} of raw or more; with a new head ${AIMS.againFaster}x as fast or more`;
  printReport([...formatTable(toRows(results)), aims], { part: 'jobs', of: 'throughput', aims: AIMS, results });
}

/** Each round has a service, a home and a feature cache of its own. */
async function measureThroughput(settings: ThroughputSettings): Promise<ThroughputRound[]> {
  const { model, newHead, modelsFolder, threads, rounds, jobSeconds, rawSeconds } = settings;
  const environment = modelEnvironment({ threads, models: [model], home: path.dirname(modelsFolder) });
  await using children = new ChildProcesses(environment);
  // The priority of an engine: other work on the machine takes as much from both.
  const args = [String(constants.priority.PRIORITY_BELOW_NORMAL)];
  const { child } = await children.fork('load/raw-loop.ts', { args });
  const measureRaw = () => request<RawLoopRequest, number>(child, { panels: 'example-pages', seconds: rawSeconds });
  using folder = new TemporaryFolder();
  const pages = Math.max(1, Math.round(((await measureRaw()) * jobSeconds) / PANELS_PER_PAGE));
  const corpus = await writeExampleCorpus(folder, pages);
  return await runRounds(rounds, () =>
    withJobService({ threads, models: [model, newHead], modelsFolder, corpus }, async ({ jobs }) => {
      const round = await measureInTurn<ThroughputRound>({
        rawBefore: measureRaw,
        first: () => jobs.run('first', corpus, model),
        rawAfter: measureRaw,
        again: () => jobs.run('again', corpus, newHead),
      });
      printProgress(`  ${describeRound(round)}`);
      return round;
    }),
  );
}

function rawPanelsPerSecond({ rawBefore, rawAfter }: ThroughputRound): number {
  return (rawBefore + rawAfter) / 2;
}

function describeRound(round: ThroughputRound): string {
  const { first, again } = round;
  const seconds = `${first.seconds.toFixed(1)} s, with a new head ${again.seconds.toFixed(2)} s`;
  return `${first.panels} panels: raw ${rawPanelsPerSecond(round).toFixed(1)}/s, job ${seconds}`;
}

function summarise(
  { model, threads }: Pick<ThroughputSettings, 'model' | 'threads'>,
  rounds: readonly ThroughputRound[],
): ThroughputSummary {
  const jobRate = ({ first }: ThroughputRound) => first.panels / first.seconds;
  const ofRaw = summariseRounds(rounds.map((round) => jobRate(round) / rawPanelsPerSecond(round)));
  const againFaster = summariseRounds(rounds.map(({ first, again }) => first.seconds / again.seconds));
  return {
    model,
    threads,
    pages: median(rounds.map(({ first }) => first.pages)),
    panels: median(rounds.map(({ first }) => first.panels)),
    rawPanelsPerSecond: median(rounds.map(rawPanelsPerSecond)),
    panelsPerSecond: median(rounds.map(jobRate)),
    ofRaw: ofRaw.median,
    ofRawByRound: ofRaw.byRound,
    firstSeconds: median(rounds.map(({ first }) => first.seconds)),
    againSeconds: median(rounds.map(({ again }) => again.seconds)),
    againFaster: againFaster.median,
    againFasterByRound: againFaster.byRound,
  };
}

const COLUMNS = ['model', 'threads', 'panels', 'raw/s', 'job/s', 'of raw', 'rounds'] as const;
const AGAIN_COLUMNS = ['first s', 'new head s', 'faster', 'rounds'] as const;

function toRows(summaries: readonly ThroughputSummary[]): string[][] {
  const rows = summaries.map((summary) => [
    summary.model,
    String(summary.threads),
    String(summary.panels),
    summary.rawPanelsPerSecond.toFixed(1),
    summary.panelsPerSecond.toFixed(1),
    summary.ofRaw.toFixed(3),
    formatRange(summary.ofRawByRound, 3),
    summary.firstSeconds.toFixed(1),
    summary.againSeconds.toFixed(2),
    `${summary.againFaster.toFixed(1)}x`,
    formatRange(summary.againFasterByRound, 1),
  ]);
  return [[...COLUMNS, ...AGAIN_COLUMNS], ...rows];
}
