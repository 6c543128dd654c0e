import path from 'node:path';
import { Children, request } from '../children.ts';
import { writeCorpus } from './bench-corpus.ts';
import type { JobRun } from './bench-job-client.ts';
import { modelEnvironment, withJobService } from './bench-job-service.ts';
import { EXAMPLE_IMAGES, examplePage, PANELS_PER_PAGE } from './example-pages.ts';
import type { RawPanelsRequest } from './raw-panels.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface ThroughputSettings {
  readonly model: string;
  /** The same encoders with another head */
  readonly newHead: string;
  readonly modelsFolder: string;
  readonly threads: number;
  readonly rounds: number;
  /** About what a job shall take */
  readonly jobSeconds: number;
  /** Of one window of the raw loop */
  readonly rawSeconds: number;
}

export interface ThroughputRound {
  /** Mean of the windows before and after the job */
  readonly rawPanelsPerSecond: number;
  readonly first: JobRun;
  /** The same pages with the new head: encoders have nothing left to do */
  readonly again: JobRun;
}

/** Raw loop, job and raw loop in turn, each job with a service, a home and a feature cache of its own. */
export async function measureThroughput(settings: ThroughputSettings): Promise<ThroughputRound[]> {
  const { model, newHead, modelsFolder, threads, rounds, jobSeconds, rawSeconds } = settings;
  await using children = new Children(modelEnvironment({ threads, models: [model], home: path.dirname(modelsFolder) }));
  const { child } = await children.fork('jobs/raw-panels.ts');
  const raw = () => request<RawPanelsRequest, number>(child, { seconds: rawSeconds });
  using folder = new TemporaryFolder();
  const pages = Math.max(1, Math.round(((await raw()) * jobSeconds) / PANELS_PER_PAGE));
  const corpus = writeCorpus(folder.path, pages, examplePage, EXAMPLE_IMAGES);
  const service = { threads, models: [model, newHead], modelsFolder, corpus };
  const measured: ThroughputRound[] = [];
  while (measured.length < rounds) {
    const round = await withJobService(service, async ({ jobs }) => {
      const before = await raw();
      const first = await jobs.run('first', corpus, model);
      const after = await raw();
      const again = await jobs.run('again', corpus, newHead);
      return { rawPanelsPerSecond: (before + after) / 2, first, again };
    });
    measured.push(round);
    process.stderr.write(`  ${describeRound(round)}\n`);
  }
  return measured;
}

function describeRound({ rawPanelsPerSecond, first, again }: ThroughputRound): string {
  const seconds = `${first.seconds.toFixed(1)} s, with a new head ${again.seconds.toFixed(2)} s`;
  return `${first.panels} panels: raw ${rawPanelsPerSecond.toFixed(1)}/s, job ${seconds}`;
}
