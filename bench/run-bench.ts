/**
 * `npm run bench`: what HTTP costs, and how the service answers while it is busy (serving, stage3); how fast the encoders
 * are beside other ways to run them (encoders); what jobs cost, and what they take from calls (jobs); what a training
 * costs (training); how long it takes to index a collection (datasets). For each part tables, each with one line of JSON.
 */
import { benchDatasets } from './bench-datasets.ts';
import { benchEncoders } from './bench-encoders.ts';
import { readOptions } from './bench-options.ts';
import { benchServing } from './bench-serving.ts';
import { benchStage3 } from './bench-stage3.ts';
import { FullSizeModel } from './full-size-model.ts';
import { benchJobs } from './jobs/bench-jobs.ts';
import { benchTraining } from './training/bench-training.ts';

// An interrupted bench takes its children and its files along: see Children and FullSizeModel.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const options = readOptions();
const { benches, seconds } = options;
if (benches.includes('serving')) await benchServing(seconds);
const heavy = ['encoders', 'stage3', 'jobs', 'training'] as const;
if (heavy.some((bench) => benches.includes(bench))) {
  using model = await FullSizeModel.make();
  if (benches.includes('encoders')) await benchEncoders(model.folder, options);
  if (benches.includes('stage3')) await benchStage3(model.home, seconds);
  if (benches.includes('jobs')) await benchJobs(model.home, options);
  if (benches.includes('training')) await benchTraining(model, options);
}
if (benches.includes('datasets')) await benchDatasets();
