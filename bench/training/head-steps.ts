/**
 * Child process: a head of full size in training, step after step as a training takes them, without checkpoints and history.
 * Arguments: see `forkHead`.
 */
import { elementCount } from '../../src/graph/shape.ts';
import { headSpec, readModel } from '../../src/model/model.ts';
import { epochBatches } from '../../src/training/data/batches.ts';
import { TrainingSet } from '../../src/training/data/training-set.ts';
import { initialWeights } from '../../src/training/initial-weights.ts';
import { StepRates } from '../../src/training/step-rates.ts';
import { Stepper } from '../../src/training/stepper.ts';
import { takeStep } from '../../src/training/take-step.ts';
import { isTrained, pooledOf, rateGroup } from '../../src/training/trained-model.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { announce, answer } from '../child-side.ts';
import { headTraining, type Variant } from './head-objectives.ts';

export interface HeadQuestion {
  readonly seconds: number;
}

export interface HeadWindow {
  readonly stepsPerSecond: number;
  /** Mean of the window's steps */
  readonly loss: number;
}

export interface HeadAnnouncement {
  readonly parameters: number;
}

const [variant, modelFolder, pagesFile, threads] = process.argv.slice(2) as [Variant, string, string, string];
const plan = await headPlan();
const { options } = plan;
const set = await TrainingSet.open(plan.parts);
const stepper = await createStepper();
const rates = new StepRates(options, set.pages.length / options.batch_size);
const batches = allBatches();
let steps = 0;

answer<HeadQuestion, HeadWindow>(async ({ seconds }) => {
  const before = steps;
  const started = performance.now();
  let losses = 0;
  do losses += await step();
  while (performance.now() - started < seconds * 1000);
  const taken = steps - before;
  return { stepsPerSecond: taken / ((performance.now() - started) / 1000), loss: losses / taken };
});

const parameters = stepper.variables.reduce((sum, { shape }) => sum + elementCount(shape), 0);
announce({ parameters } satisfies HeadAnnouncement);

async function headPlan(): Promise<TrainingPlan> {
  const base = await readModel(modelFolder);
  const { options, fusionMode } = headTraining(variant);
  const { files: _, golden: __, ...parts } = base.spec;
  return {
    folder: '',
    parts: [pagesFile],
    base,
    model: { ...parts, head: { ...parts.head, fusion_mode: fusionMode } },
    options,
    validationFraction: 0,
    provider: 'cpu',
    device: 0,
    threads: Number(threads),
  };
}

async function createStepper(): Promise<Stepper> {
  const weights = await initialWeights(plan);
  const trained = { spec: headSpec(plan.model), options, dropout: options.dropout, trains: isTrained };
  return Stepper.create(weights, trained, pooledOf(plan, weights), {
    provider: 'cpu',
    device: plan.device,
    threads: plan.threads,
    weightDecay: options.weight_decay,
    maxGradNorm: options.max_grad_norm!,
    groupOf: rateGroup,
  });
}

function* allBatches() {
  const order = { size: options.batch_size, sameBook: options.hard_negatives, seed: options.seed };
  for (let epoch = 0; ; epoch++) yield* epochBatches(set.pages, order, epoch);
}

/** Resolves with the loss. @throws Error where the step was passed over: such a one is no measure */
async function step(): Promise<number> {
  const { losses, taken } = await takeStep(stepper, set, batches.next().value!, {
    options,
    step: steps,
    rates: rates.at(steps),
    micro: { pages: options.batch_size },
    note: (message) => process.stderr.write(`${message}\n`),
  });
  if (!taken) throw new Error(`step ${steps + 1} gave no finite numbers`);
  steps++;
  return losses.loss;
}
