import { Children } from '../children.ts';
import { runPytorch } from '../encoders/pytorch.ts';
import { writeCorpus } from '../jobs/bench-corpus.ts';
import { withJobService } from '../jobs/bench-job-service.ts';
import { EXAMPLE_IMAGES, examplePage } from '../jobs/example-pages.ts';
import { TemporaryFolder } from '../jobs/temporary-folder.ts';
import { originalSeconds } from './original.ts';
import { runTrainJob, type TrainRun } from './train-job.ts';

export interface TrainJobSettings {
  readonly rounds: number;
  readonly pages: number;
  readonly epochs: number;
  readonly threads: number;
  readonly model: string;
  readonly modelsFolder: string;
  /** See Options.pytorch */
  readonly pytorch: string | undefined;
}

export interface TrainJobRound extends TrainRun {
  /** What the original's encoders would take; undefined where nothing says how fast they are */
  readonly originalSeconds: number | undefined;
}

/** PyTorch's encoders and a training job in turn, each job with a service, a home and a feature cache of its own. */
export async function measureTrainJobs(settings: TrainJobSettings): Promise<TrainJobRound[]> {
  const { rounds, pages, epochs, threads, model, modelsFolder, pytorch } = settings;
  await using children = new Children(process.env);
  using folder = new TemporaryFolder();
  const corpus = writeCorpus(folder.path, pages, examplePage, EXAMPLE_IMAGES);
  const measured: TrainJobRound[] = [];
  while (measured.length < rounds) {
    const rates = pytorch === undefined ? undefined : await runPytorch(children, pytorch);
    // The models' folder is the same for all rounds, and no model is written over.
    const output = `trained-${measured.length}`;
    const run = await withJobService({ threads, models: [model], modelsFolder, corpus }, ({ jobs }) =>
      runTrainJob(jobs, { output, base: model, corpus, epochs }),
    );
    const job = { pages, panels: run.panels, epochs };
    measured.push({ ...run, originalSeconds: rates && originalSeconds(job, rates) });
    process.stderr.write(`  ${run.seconds.toFixed(1)} s, of which ${run.training.toFixed(1)} s training\n`);
  }
  return measured;
}
