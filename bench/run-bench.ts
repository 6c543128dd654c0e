/**
 * `npm run bench`: what the service does at its limit and beyond (capacity, overload, curves, stage3), what it takes when
 * nobody asks (idle), and what others do with the same weights (peers); what grid views cost (views); how fast the encoders
 * are beside other ways to run them (encoders); what jobs cost, and what they take from requests (jobs); what a training
 * costs (training); how long it takes to index a dataset (datasets). Prints tables, and a line of JSON for each.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { homeModelsFolder } from '../src/model/model-folders.ts';
import { STAGE3_BASE } from '../src/model-tools/stage3-base/stage3-files.ts';
import { addNewHead, makeFullSizeModel } from './bench-models.ts';
import { type BenchOptions, readOptions } from './bench-options.ts';
import { benchDatasets } from './datasets/bench-datasets.ts';
import { benchEncoders } from './encoders/bench-encoders.ts';
import { benchGridViews } from './encoders/bench-grid-views.ts';
import { benchCallLatency } from './jobs/bench-call-latency.ts';
import { benchJobMemory } from './jobs/bench-job-memory.ts';
import { benchJobThroughput } from './jobs/bench-job-throughput.ts';
import { benchPeers } from './peers/bench-peers.ts';
import { printProgress } from './runner/report.ts';
import { TemporaryFolder } from './runner/temporary-folder.ts';
import { benchCapacity } from './serving/bench-capacity.ts';
import { benchCurves } from './serving/bench-curves.ts';
import { benchIdle } from './serving/bench-idle.ts';
import { benchOverload } from './serving/bench-overload.ts';
import { benchStage3 } from './serving/bench-stage3.ts';
import { benchHeadTraining } from './training/bench-head-training.ts';
import { benchTrainJob } from './training/bench-train-job.ts';

const COMPACT = 'compact';
/** A batch of full-size encoders takes a second and more: a window of the raw loop must hold a few. */
const FULL_SIZE_WINDOW_FACTOR = 4;

// Exit handlers stop all children and remove all files: see ChildProcesses and TemporaryFolder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const options = readOptions();
const { benchmarks } = options;
if (benchmarks.includes('capacity')) await benchCapacity(options);
if (benchmarks.includes('overload')) await benchOverload(options);
if (benchmarks.includes('curves')) await benchCurves(options);
if (benchmarks.includes('idle')) await benchIdle(options);
if (benchmarks.includes('peers')) await benchPeers(options);
if (benchmarks.includes('views')) await benchGridViews(options);
const fullSize = ['encoders', 'stage3', 'jobs', 'training'] as const;
if (fullSize.some((name) => benchmarks.includes(name))) {
  using folder = new TemporaryFolder();
  const home = folder.path;
  printProgress('making encoders of full size');
  const modelFolder = await makeFullSizeModel(home);
  if (benchmarks.includes('encoders')) await benchEncoders(modelFolder, options);
  if (benchmarks.includes('stage3')) await benchStage3(home, options);
  if (benchmarks.includes('jobs')) await benchJobs(home, options);
  if (benchmarks.includes('training')) {
    await benchHeadTraining(modelFolder, options);
    await benchTrainJob(path.dirname(modelFolder), options);
  }
}
if (benchmarks.includes('datasets')) await benchDatasets(options);

/** @param fullSizeHome a PANELVEC_HOME with stage3-base */
async function benchJobs(fullSizeHome: string, { seconds, memory, quick }: BenchOptions): Promise<void> {
  using folder = new TemporaryFolder();
  const compact = { model: COMPACT, modelsFolder: homeModelsFolder(folder.path) };
  mkdirSync(compact.modelsFolder);
  const stage3 = { model: STAGE3_BASE, modelsFolder: homeModelsFolder(fullSizeHome) };
  const rounds = quick ? 1 : 3;
  const small = { newHead: await addNewHead(compact.modelsFolder, COMPACT), rounds, jobSeconds: quick ? 5 : 20 };
  const large = { newHead: await addNewHead(stage3.modelsFolder, STAGE3_BASE), rounds, jobSeconds: quick ? 10 : 40 };
  await benchJobThroughput([
    { ...compact, ...small, threads: 1, rawSeconds: seconds },
    { ...compact, ...small, threads: 2, rawSeconds: seconds },
    { ...stage3, ...large, threads: 2, rawSeconds: FULL_SIZE_WINDOW_FACTOR * seconds },
  ]);
  await benchCallLatency({ ...compact, seconds: quick ? 2 : 10 });
  if (memory) await benchJobMemory({ ...compact, sizes: quick ? [100, 200] : [100, 1000, 10_000, 100_000] });
}
