import { homeModelsFolder } from '../../src/model/model-folders.ts';
import { STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import type { Options } from '../bench-options.ts';
import { Children } from '../children.ts';
import type { FullSizeModel } from '../full-size-model.ts';
import { printReport } from '../print-report.ts';
import { PAGES_PER_STEP, PANELS_PER_PAGE } from './head-objectives.ts';
import { measureHead } from './head-rounds.ts';
import { headLines, summariseHead } from './head-table.ts';
import { measureTrainJobs } from './job-rounds.ts';
import { summariseTrainJobs, trainJobLines } from './job-table.ts';

const THREADS = 2;
const HEAD_ROUNDS = 5;
/** A step may take a tenth of a second: a window must hold enough of them. */
const WINDOW_FACTOR = 2;
const JOB = { rounds: 2, pages: 40, epochs: 20 } as const;
const AIMS = { headOfPytorch: 3.5, jobFaster: 50 } as const;

/**
 * What a training costs where encoders are of full size and frozen: steps of the head beside the same in PyTorch, and a
 * whole job beside what the original's encoders take for as many epochs.
 */
export async function benchTraining(model: Pick<FullSizeModel, 'folder' | 'home'>, options: Options): Promise<void> {
  await benchHead(model.folder, options);
  await benchJob(model.home, options);
}

async function benchHead(modelFolder: string, { seconds: windowSeconds, pytorchHead }: Options): Promise<void> {
  const seconds = WINDOW_FACTOR * windowSeconds;
  await using children = new Children(process.env);
  const settings = { rounds: HEAD_ROUNDS, seconds, threads: THREADS, modelFolder, pytorch: pytorchHead };
  process.stderr.write(`training, head alone, ${THREADS} threads: ${HEAD_ROUNDS} rounds of ${seconds} s windows\n`);
  const results = summariseHead(await measureHead(children, settings));
  const panels = PAGES_PER_STEP * PANELS_PER_PAGE;
  const size = `${results.parameters.toLocaleString('en')} parameters, ${panels} panels a step`;
  const report = { threads: THREADS, seconds, rounds: HEAD_ROUNDS, panels, aims: AIMS, results };
  printReport([size, ...headLines(results, AIMS.headOfPytorch)], { part: 'training', of: 'head', ...report });
}

async function benchJob(home: string, { pytorch }: Options): Promise<void> {
  const { rounds, pages, epochs } = JOB;
  process.stderr.write(`training, job, ${THREADS} threads: ${rounds} rounds of ${pages} pages and ${epochs} epochs\n`);
  const place = { model: STAGE3_BASE, modelsFolder: homeModelsFolder(home) };
  const measured = await measureTrainJobs({ ...JOB, ...place, threads: THREADS, pytorch });
  const results = summariseTrainJobs(JOB, measured);
  const report = { threads: THREADS, rounds, aims: AIMS, results };
  printReport(trainJobLines(results, AIMS.jobFaster), { part: 'training', of: 'job', ...report });
}
