import { parseRecord } from '../../src/training/history/history-record.ts';
import type { TrainingSummary } from '../../src/training/training-hooks.ts';
import type { Corpus } from '../jobs/bench-corpus.ts';
import type { JobClient } from '../jobs/bench-job-client.ts';

/** A finished training job, and where its time went. */
export interface TrainRun {
  readonly panels: number;
  readonly steps: number;
  /** From submission until it had succeeded */
  readonly seconds: number;
  /** Of these, known to the time between two questions: waiting and index, encoders, steps and the making of the model */
  readonly indexing: number;
  readonly encoding: number;
  readonly training: number;
  /** Means of the first and of the last epoch */
  readonly firstLoss: number;
  readonly lastLoss: number;
}

export interface TrainJob {
  readonly output: string;
  /** The model whose frozen encoders are used */
  readonly base: string;
  readonly corpus: Corpus;
  readonly epochs: number;
}

/** Trains on all pages: none is held out. @throws Error where the job does not succeed, or leaves pages or steps out */
export async function runTrainJob(jobs: JobClient, { output, base, corpus, epochs }: TrainJob): Promise<TrainRun> {
  const submitted = Date.now();
  const id = await jobs.submit({
    type: 'train',
    output,
    model: { base },
    dataset: { ...corpus.dataset, val_fraction: 0 },
    training: { epochs },
  });
  const seen = new Map<string, number>();
  const job = await jobs.waitForSuccess(id, ({ progress: { phase } }) => {
    if (!seen.has(phase)) seen.set(phase, Date.now());
  });
  const [encoding, training] = ['encoding', 'training'].map((phase) => seen.get(phase));
  if (encoding === undefined || training === undefined) throw new Error(`job ${id} ended too soon: add pages to it`);
  const ended = Date.parse(job.finished_at!);
  const summary: TrainingSummary = JSON.parse(await jobs.readArtifact(id, 'summary.json'));
  if (summary.pages.training !== corpus.pages || summary.epochs !== epochs || summary.skipped > 0) {
    throw new Error(`job ${id}: ${JSON.stringify(summary)}`);
  }
  const losses = epochLosses(await jobs.readArtifact(id, 'history.jsonl'));
  return {
    panels: summary.panels.training,
    steps: summary.steps,
    seconds: (ended - submitted) / 1000,
    indexing: (encoding - submitted) / 1000,
    encoding: (training - encoding) / 1000,
    training: (ended - training) / 1000,
    firstLoss: losses[0]!,
    lastLoss: losses.at(-1)!,
  };
}

function epochLosses(history: string): number[] {
  const records = history.split('\n').map(parseRecord);
  return records.flatMap((record) => (record?.kind === 'epoch' ? [record.values['loss']!] : []));
}
