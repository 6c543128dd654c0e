import { STAGE3_BASE } from '../../src/model-tools/stage3-base/stage3-files.ts';
import { parseRecord } from '../../src/training/history/history-record.ts';
import type { TrainingSummary } from '../../src/training/training-hooks.ts';
import { median } from '../../src/util/arrays.ts';
import type { BenchOptions } from '../bench-options.ts';
import { type EncoderRates, runPytorch } from '../encoders/bench-encoders.ts';
import { type BenchCorpus, writeExampleCorpus } from '../jobs/example-corpus.ts';
import { endOf, type JobClient, withJobService } from '../jobs/job-service.ts';
import { ChildProcesses } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport, verdict } from '../runner/report.ts';
import { runRounds, summariseIfAny } from '../runner/rounds.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { TRAINING_AIMS } from './bench-head-training.ts';

const THREADS = 2;
const ROUNDS = 2;
const SIZE = { pages: 40, epochs: 20 } as const;
const QUICK_SIZE = { pages: 10, epochs: 2 } as const;
/** The original pads each page to so many panels, and sends the padding through its encoders too. */
const SLOTS_PER_PAGE = 16;

interface TrainingSize {
  readonly pages: number;
  readonly epochs: number;
}

/** A finished training job, and where its time went. */
interface TrainRun {
  readonly panels: number;
  readonly steps: number;
  /** From submission to success, in three parts that polling tells apart */
  readonly seconds: number;
  readonly indexing: number;
  readonly encoding: number;
  /** Steps and the making of the model */
  readonly training: number;
  /** Mean of the first epoch */
  readonly firstLoss: number;
  /** Mean of the last epoch */
  readonly lastLoss: number;
}

interface TrainRound extends TrainRun {
  /** What the original's encoders would take; undefined if there is no command that tells their rates */
  readonly originalSeconds: number | undefined;
}

/** Times and losses are medians of the rounds. */
interface TrainSummary extends TrainRound, TrainingSize {
  /** Panels that the original sends through its encoders */
  readonly originalPanelForwards: number;
  /** Median of the rounds' ratios of the original's time to ours */
  readonly faster: number | undefined;
  readonly fasterByRound: readonly number[];
}

/** How long does a whole training job take, beside what the original's encoders alone take for as many epochs? */
export async function benchTrainJob(modelsFolder: string, { pytorch, quick }: BenchOptions): Promise<void> {
  const size = quick ? QUICK_SIZE : SIZE;
  const roundCount = quick ? 1 : ROUNDS;
  printProgress(
    `training, job, ${THREADS} threads: ${roundCount} rounds of ${size.pages} pages and ${size.epochs} epochs`,
  );
  const results = summarise(size, await measureTrainJobs(size, roundCount, modelsFolder, pytorch));
  const report = { threads: THREADS, rounds: roundCount, aims: TRAINING_AIMS, results };
  printReport(formatTrainJob(results), { part: 'training', of: 'job', ...report });
}

/** PyTorch's encoders and a job in turn; each job has a service, a home and a feature cache of its own. */
async function measureTrainJobs(
  { pages, epochs }: TrainingSize,
  roundCount: number,
  modelsFolder: string,
  pytorch: string | undefined,
): Promise<TrainRound[]> {
  await using children = new ChildProcesses();
  using folder = new TemporaryFolder();
  const corpus = await writeExampleCorpus(folder, pages);
  return await runRounds(roundCount, async (index) => {
    const rates = pytorch === undefined ? undefined : await runPytorch(children, pytorch);
    // All rounds share the folder of models, and no model is overwritten.
    const output = `trained-${index}`;
    const run = await withJobService({ threads: THREADS, models: [STAGE3_BASE], modelsFolder, corpus }, ({ jobs }) =>
      runTrainJob(jobs, output, corpus, epochs),
    );
    printProgress(`  ${run.seconds.toFixed(1)} s, of which ${run.training.toFixed(1)} s training`);
    const forwards = originalPanelForwards({ pages, panels: run.panels, epochs });
    return { ...run, originalSeconds: rates && forwards * secondsPerPanel(rates) };
  });
}

/** Trains on all pages. @throws Error if the job fails, or leaves pages or steps out */
async function runTrainJob(jobs: JobClient, output: string, corpus: BenchCorpus, epochs: number): Promise<TrainRun> {
  const submitted = Date.now();
  const id = await jobs.submit({
    type: 'train',
    output,
    model: { base: STAGE3_BASE },
    dataset: { ...corpus.dataset, val_fraction: 0 },
    training: { epochs },
  });
  const phaseStarts = new Map<string, number>();
  const job = await jobs.waitForSuccess(id, ({ progress: { phase } }) => {
    if (!phaseStarts.has(phase)) phaseStarts.set(phase, Date.now());
  });
  const [encoding, training] = [phaseStarts.get('encoding'), phaseStarts.get('training')];
  if (encoding === undefined || training === undefined) throw new Error(`job ${id} ended too soon: give it more pages`);
  const ended = endOf(job);
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
    firstLoss: losses.at(0) ?? Number.NaN,
    lastLoss: losses.at(-1) ?? Number.NaN,
  };
}

function epochLosses(history: string): number[] {
  const records = history.split('\n').map(parseRecord);
  return records.flatMap((record) => (record?.kind === 'epoch' ? (record.values['loss'] ?? []) : []));
}

/**
 * Panels that the original sends through all of its encoders in a training with frozen ones: it keeps no features, so
 * every epoch takes all slots of all pages, and the real panels once more for the alignment objective.
 */
function originalPanelForwards({ pages, panels, epochs }: TrainingSize & { readonly panels: number }): number {
  return epochs * (pages * SLOTS_PER_PAGE + panels);
}

function secondsPerPanel(rates: EncoderRates): number {
  return Object.values(rates).reduce((sum, rate) => sum + 1 / rate, 0);
}

function summarise({ pages, epochs }: TrainingSize, rounds: readonly TrainRound[]): TrainSummary {
  const medianOf = (select: (round: TrainRound) => number) => median(rounds.map(select));
  const faster = summariseIfAny(
    rounds.map(({ seconds, originalSeconds }) => originalSeconds && originalSeconds / seconds),
  );
  const panels = medianOf((round) => round.panels);
  return {
    pages,
    panels,
    epochs,
    steps: medianOf(({ steps }) => steps),
    seconds: medianOf(({ seconds }) => seconds),
    indexing: medianOf(({ indexing }) => indexing),
    encoding: medianOf(({ encoding }) => encoding),
    training: medianOf(({ training }) => training),
    firstLoss: medianOf(({ firstLoss }) => firstLoss),
    lastLoss: medianOf(({ lastLoss }) => lastLoss),
    originalPanelForwards: originalPanelForwards({ pages, panels, epochs }),
    originalSeconds: summariseIfAny(rounds.map(({ originalSeconds }) => originalSeconds))?.median,
    faster: faster?.median,
    fasterByRound: faster?.byRound ?? [],
  };
}

const COLUMNS = ['pages', 'panels', 'epochs', 'job s', 'indexing', 'encoding', 'training', 'loss'] as const;
const ORIGINAL_COLUMNS = ['original s', 'faster', 'rounds'] as const;

function formatTrainJob(summary: TrainSummary): string[] {
  const { pages, panels, epochs, seconds, indexing, encoding, training, firstLoss, lastLoss } = summary;
  const { originalPanelForwards, originalSeconds, faster, fasterByRound } = summary;
  const cells = [
    ...[pages, panels, epochs].map(String),
    ...[seconds, indexing, encoding, training].map((value) => value.toFixed(1)),
    `${firstLoss.toFixed(2)} to ${lastLoss.toFixed(2)}`,
  ];
  if (originalSeconds === undefined || faster === undefined) {
    return [...formatTable([COLUMNS, cells]), 'no original beside it: --pytorch was not given'];
  }
  const originalCells = [originalSeconds.toFixed(0), `${faster.toFixed(0)}x`, formatRange(fasterByRound, 0)];
  return [
    ...formatTable([
      [...COLUMNS, ...ORIGINAL_COLUMNS],
      [...cells, ...originalCells],
    ]),
    `original: ${originalPanelForwards} panels through all encoders at the rates of PyTorch, and nothing else`,
    `aim: ${TRAINING_AIMS.jobFaster}x as fast or more: ${verdict(faster, TRAINING_AIMS.jobFaster)}`,
  ];
}
