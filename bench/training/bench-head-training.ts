import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { readModel, toHeadSpec } from '../../src/model/model.ts';
import { TRAINER_ENV } from '../../src/training/trainer-process/trainer-process.ts';
import { median } from '../../src/util/arrays.ts';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { formatRange, formatTable, printProgress, printReport, verdict } from '../runner/report.ts';
import { measureInTurn, runRounds, summariseIfAny } from '../runner/rounds.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { PAGES_PER_STEP, PANELS_PER_PAGE, VARIANTS, type Variant, writeHeadPages } from './head-training-data.ts';
import type { HeadReady, HeadRequest, HeadWindow } from './head-training-process.ts';

const THREADS = 2;
const ROUNDS = 5;
/** A step may take a tenth of a second: a window must hold enough of them. */
const WINDOW_FACTOR = 2;
const WARM_UP_SECONDS = 1;
export const TRAINING_AIMS = { headOfPytorch: 3.5, jobFaster: 50 } as const;

/** `parameters` is there so that a command can say how many its own head has. */
const pytorchSchema = z.object({ steps_per_second: z.number().positive(), parameters: z.int().optional() });

interface HeadRound {
  readonly original: HeadWindow;
  readonly panelvec: HeadWindow;
  /** Steps per second; undefined if there is no command */
  readonly pytorch: number | undefined;
}

interface HeadContest {
  readonly parameters: number;
  readonly rounds: readonly HeadRound[];
}

interface HeadSummary {
  readonly parameters: number;
  readonly ours: readonly VariantSummary[];
  readonly pytorchStepsPerSecond: number | undefined;
}

interface VariantSummary {
  readonly variant: Variant;
  readonly stepsPerSecond: number;
  /** Mean of the first window */
  readonly firstLoss: number;
  /** Mean of the last window */
  readonly lastLoss: number;
  /** Median of the rounds' multiples of PyTorch's steps per second; undefined if it did not run */
  readonly ofPytorch: number | undefined;
  readonly ofPytorchByRound: readonly number[];
}

/** How fast is the training of the head alone, with frozen encoders of full size, beside the same in PyTorch? */
export async function benchHeadTraining(modelFolder: string, options: BenchOptions): Promise<void> {
  const seconds = WINDOW_FACTOR * options.seconds;
  const roundCount = options.quick ? 1 : ROUNDS;
  printProgress(`training, head alone, ${THREADS} threads: ${roundCount} rounds of ${seconds} s windows`);
  const results = summarise(await measureHeads(modelFolder, roundCount, seconds, options.pytorchHead));
  const panels = PAGES_PER_STEP * PANELS_PER_PAGE;
  const size = `${results.parameters.toLocaleString('en')} parameters, ${panels} panels a step`;
  const report = { threads: THREADS, seconds, rounds: roundCount, panels, aims: TRAINING_AIMS, results };
  printReport([size, ...formatHeads(results)], { part: 'training', of: 'head', ...report });
}

async function measureHeads(
  modelFolder: string,
  roundCount: number,
  seconds: number,
  pytorch: string | undefined,
): Promise<HeadContest> {
  await using children = new ChildProcesses();
  using folder = new TemporaryFolder();
  const pages = path.join(folder.path, 'pages.safetensors');
  await writeHeadPages(pages, toHeadSpec((await readModel(modelFolder)).spec));
  const forkHead = (variant: Variant) => {
    const args = [variant, modelFolder, pages, String(THREADS)];
    return children.fork<HeadReady>('training/head-training-process.ts', { args, env: TRAINER_ENV });
  };
  const original = await forkHead('original');
  const panelvec = await forkHead('panelvec');
  const { parameters } = original.ready;
  const measureWindow = (child: ChildProcess, windowSeconds: number) =>
    request<HeadRequest, HeadWindow>(child, { seconds: windowSeconds });
  await measureWindow(original.child, WARM_UP_SECONDS);
  await measureWindow(panelvec.child, WARM_UP_SECONDS);
  const rounds = await runRounds(roundCount, () =>
    measureInTurn<HeadRound>({
      original: () => measureWindow(original.child, seconds),
      panelvec: () => measureWindow(panelvec.child, seconds),
      pytorch: async () => (pytorch === undefined ? undefined : runPytorchHead(children, pytorch, parameters)),
    }),
  );
  return { parameters, rounds };
}

/** Steps per second of the same training in PyTorch. @throws Error if the command trains a head of another size */
async function runPytorchHead(children: ChildProcesses, command: string, parameters: number): Promise<number> {
  const schema = pytorchSchema.refine((output) => (output.parameters ?? parameters) === parameters, {
    error: `our head has ${parameters} parameters`,
  });
  return (await children.runJsonCommand(command, schema)).steps_per_second;
}

function summarise({ parameters, rounds }: HeadContest): HeadSummary {
  return {
    parameters,
    ours: VARIANTS.map((variant) => summariseVariant(variant, rounds)),
    pytorchStepsPerSecond: summariseIfAny(rounds.map(({ pytorch }) => pytorch))?.median,
  };
}

function summariseVariant(variant: Variant, rounds: readonly HeadRound[]): VariantSummary {
  const windows = rounds.map((round) => round[variant]);
  const ofPytorch = summariseIfAny(
    rounds.map(({ pytorch, [variant]: { stepsPerSecond } }) => pytorch && stepsPerSecond / pytorch),
  );
  return {
    variant,
    stepsPerSecond: median(windows.map(({ stepsPerSecond }) => stepsPerSecond)),
    firstLoss: windows.at(0)?.loss ?? Number.NaN,
    lastLoss: windows.at(-1)?.loss ?? Number.NaN,
    ofPytorch: ofPytorch?.median,
    ofPytorchByRound: ofPytorch?.byRound ?? [],
  };
}

const NAMES: Readonly<Record<Variant, string>> = {
  original: "the original's objectives",
  panelvec: "all of panelvec's objectives",
};

function formatHeads({ ours, pytorchStepsPerSecond }: HeadSummary): string[] {
  const rows = ours.map(({ variant, stepsPerSecond, firstLoss, lastLoss, ofPytorch, ofPytorchByRound }) => [
    NAMES[variant],
    stepsPerSecond.toFixed(1),
    ofPytorch?.toFixed(2) ?? '',
    ofPytorch ? formatRange(ofPytorchByRound, 2) : '',
    `${firstLoss.toFixed(3)} to ${lastLoss.toFixed(3)}`,
  ]);
  if (pytorchStepsPerSecond !== undefined) rows.push(['PyTorch', pytorchStepsPerSecond.toFixed(1), '1', '', '']);
  const ofPytorch = ours.find(({ variant }) => variant === 'original')?.ofPytorch;
  return [
    ...formatTable([['head alone', 'steps/s', 'of PyTorch', 'rounds', 'loss'], ...rows]),
    ofPytorch === undefined
      ? 'no PyTorch beside it: --pytorch-head was not given'
      : `aim: ${TRAINING_AIMS.headOfPytorch} of PyTorch or more with ${NAMES.original}: ${verdict(ofPytorch, TRAINING_AIMS.headOfPytorch)}`,
  ];
}
