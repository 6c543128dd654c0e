import { mkdirSync } from 'node:fs';
import { homeModelsFolder } from '../../src/model/model-folders.ts';
import { STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import type { Options } from '../bench-options.ts';
import { printReport } from '../print-report.ts';
import { formatTable } from '../table.ts';
import { type BesideResult, measureBeside } from './call-latency.ts';
import { besideRows } from './call-latency-table.ts';
import { measureMemory } from './memory.ts';
import { memoryRows } from './memory-table.ts';
import { addNewHead } from './new-head.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import { measureThroughput, type ThroughputSettings } from './throughput.ts';
import { summariseThroughput, type ThroughputSummary, throughputRows } from './throughput-table.ts';

const COMPACT = 'compact';
const ROUNDS = 3;
/** A batch of full-size encoders takes a second and more: a raw window must hold a few. */
const WINDOW_FACTOR = 4;
const BESIDE_SECONDS = 10;
/** The first is little more than what the processes need for themselves. */
const MEMORY_PAGES = [100, 1000, 10_000, 100_000];
const MEMORY_THREADS = 2;
const AIMS = { ofRaw: 0.95, againFaster: 20, p95Ratio: 2 } as const;

/**
 * What a bulk job costs beside the bare ONNX Runtime loop, what it costs again with a new head, what it takes from calls
 * of the same engine, and what memory it needs.
 * @param fullSizeHome home of the encoders of full size
 */
export async function benchJobs(fullSizeHome: string, { seconds, memory }: Options): Promise<void> {
  using folder = new TemporaryFolder();
  const compact = { model: COMPACT, modelsFolder: homeModelsFolder(folder.path) };
  mkdirSync(compact.modelsFolder);
  const fullSize = { model: STAGE3_BASE, modelsFolder: homeModelsFolder(fullSizeHome) };
  const small = { ...compact, newHead: await addNewHead(compact.modelsFolder, COMPACT) };
  const large = { ...fullSize, newHead: await addNewHead(fullSize.modelsFolder, STAGE3_BASE) };
  await benchThroughput([
    { ...small, threads: 1, rounds: ROUNDS, jobSeconds: 20, rawSeconds: seconds },
    { ...small, threads: 2, rounds: ROUNDS, jobSeconds: 20, rawSeconds: seconds },
    { ...large, threads: 2, rounds: ROUNDS, jobSeconds: 40, rawSeconds: WINDOW_FACTOR * seconds },
  ]);
  await benchBeside(compact);
  if (memory) await benchMemory(compact);
}

export async function benchThroughput(contests: readonly ThroughputSettings[]): Promise<void> {
  const results: ThroughputSummary[] = [];
  for (const settings of contests) {
    const { model, threads, rounds, jobSeconds } = settings;
    process.stderr.write(`jobs, ${model}, ${threads} thread(s): ${rounds} rounds of jobs of ${jobSeconds} s\n`);
    results.push(summariseThroughput(settings, await measureThroughput(settings)));
  }
  const aims = `aims: job ${AIMS.ofRaw} of raw or more; with a new head ${AIMS.againFaster}x as fast or more`;
  printReport([...formatTable(throughputRows(results)), aims], { part: 'jobs', of: 'throughput', aims: AIMS, results });
}

interface ModelLocation {
  readonly model: string;
  readonly modelsFolder: string;
}

export async function benchBeside(place: ModelLocation, seconds = BESIDE_SECONDS): Promise<void> {
  const results: BesideResult[] = [];
  for (const threads of [1, 2]) {
    process.stderr.write(`jobs, calls beside one, ${threads} thread(s): windows of ${seconds} s\n`);
    results.push(await measureBeside({ ...place, threads, seconds }));
  }
  const aims = `aim: p95 at most ${AIMS.p95Ratio} times that without a job`;
  printReport([...formatTable(besideRows(results)), aims], { part: 'jobs', of: 'calls', seconds, aims: AIMS, results });
}

export async function benchMemory(place: ModelLocation, sizes: readonly number[] = MEMORY_PAGES): Promise<void> {
  const results = await measureMemory(sizes, { ...place, threads: MEMORY_THREADS });
  const aims = 'aim: memory that does not grow with the pages';
  printReport([...formatTable(memoryRows(results)), aims], {
    part: 'jobs',
    of: 'memory',
    threads: MEMORY_THREADS,
    results,
  });
}
