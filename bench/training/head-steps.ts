/**
 * Child process: a head of full size in training, step after step as a training takes them, without checkpoints and history.
 * Arguments: see `forkHead`.
 */
import { elementCount } from '../../src/graph/shape.ts';
import { readModel, toHeadSpec } from '../../src/model/model.ts';
import { epochBatches } from '../../src/training/data/epoch-batches.ts';
import { TrainingSet } from '../../src/training/data/training-set.ts';
import { initialWeights } from '../../src/training/initial-weights.ts';
import { LearningRateSchedule } from '../../src/training/learning-rate-schedule.ts';
import { Stepper } from '../../src/training/stepper.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { buildEncoderOutputs, isTrained, parameterGroup } from '../../src/training/trainable-weights.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { handleRequests, sendReady } from '../child-protocol.ts';
import { headTraining, type Variant } from './head-objectives.ts';

export interface HeadRequest {
  readonly seconds: number;
}

export interface HeadWindow {
  readonly stepsPerSecond: number;
  /** Mean of the window's steps */
  readonly loss: number;
}

export interface HeadReady {
  readonly parameters: number;
}

const [variant, modelFolder, pagesFile, threads] = process.argv.slice(2) as [Variant, string, string, string];
const plan = await headPlan();
const { options } = plan;
const trainingSet = await TrainingSet.open(plan.partFiles);
const stepper = await createStepper();
const rates = new LearningRateSchedule(options, trainingSet.pages.length / options.batch_size);
const batches = allBatches();
let steps = 0;

handleRequests<HeadRequest, HeadWindow>(async ({ seconds }) => {
  const before = steps;
  const started = performance.now();
  let losses = 0;
  do losses += await step();
  while (performance.now() - started < seconds * 1000);
  const taken = steps - before;
  return { stepsPerSecond: taken / ((performance.now() - started) / 1000), loss: losses / taken };
});

const parameters = stepper.variables.reduce((sum, { shape }) => sum + elementCount(shape), 0);
sendReady({ parameters } satisfies HeadReady);

async function headPlan(): Promise<TrainingPlan> {
  const base = await readModel(modelFolder);
  const { options, fusionMode } = headTraining(variant);
  const { files: _, golden: __, ...parts } = base.spec;
  return {
    folder: '',
    partFiles: [pagesFile],
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
  const trained = { spec: toHeadSpec(plan.model), options, dropout: options.dropout, isTrained };
  return Stepper.create(weights, trained, buildEncoderOutputs(plan, weights), {
    provider: 'cpu',
    device: plan.device,
    threads: plan.threads,
    weightDecay: options.weight_decay,
    maxGradNorm: options.max_grad_norm!,
    groupOf: parameterGroup,
  });
}

function* allBatches() {
  const order = { size: options.batch_size, pagesPerBook: options.hard_negatives, seed: options.seed };
  for (let epoch = 0; ; epoch++) yield* epochBatches(trainingSet.pages, order, epoch);
}

/** Resolves with the loss. @throws Error where the step was passed over: such a one is no measure */
async function step(): Promise<number> {
  const { losses, isApplied } = await trainStep(stepper, trainingSet, batches.next().value!, {
    options,
    step: steps,
    rates: rates.rates(steps),
    microBatch: { size: options.batch_size },
    warn: (message) => process.stderr.write(`${message}\n`),
  });
  if (!isApplied) throw new Error(`step ${steps + 1} gave no finite numbers`);
  steps++;
  return losses.loss;
}
