/**
 * Child process: takes training steps with a head of full size, without checkpoints and history. Arguments: variant,
 * folder of the model, file of the pages, threads.
 */
import { elementCount } from '../../src/graph/shape.ts';
import { readModel } from '../../src/model/model.ts';
import { epochBatches } from '../../src/training/data/epoch-batches.ts';
import { type TrainingPage, TrainingSet } from '../../src/training/data/training-set.ts';
import { buildEncoderOutputs } from '../../src/training/graphs/encoder-outputs.ts';
import { LearningRateSchedule } from '../../src/training/loop/learning-rate-schedule.ts';
import { initialWeights } from '../../src/training/preparation/initial-weights.ts';
import { createTrainableModel } from '../../src/training/preparation/prepare-training.ts';
import { trainStep } from '../../src/training/step/train-step.ts';
import type { TrainableModel } from '../../src/training/step/trainable-model.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { measureRate } from '../runner/rounds.ts';
import { headTraining } from './head-training-data.ts';

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

const [variant, modelFolder = '', pagesFile = '', threads] = process.argv.slice(2);
const plan = await makePlan();
const { options } = plan;
const trainingSet = await TrainingSet.open(plan.partFiles);
const trainableModel = await openTrainableModel();
const schedule = new LearningRateSchedule(options, trainingSet.pages.length / options.batch_size);
const batches = allBatches();
let steps = 0;

handleRequests<HeadRequest, HeadWindow>(async ({ seconds }) => {
  const losses: number[] = [];
  const stepsPerSecond = await measureRate(seconds, async () => {
    losses.push(await takeStep());
    return 1;
  });
  return { stepsPerSecond, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length };
});

const parameters = trainableModel.variables.reduce((sum, { shape }) => sum + elementCount(shape), 0);
sendReady({ parameters } satisfies HeadReady);

async function makePlan(): Promise<TrainingPlan> {
  const base = await readModel(modelFolder);
  const { options, fusionMode } = headTraining(variant === 'original' ? 'original' : 'panelvec');
  const { files: _, golden: __, ...definition } = base.spec;
  return {
    folder: '',
    partFiles: [pagesFile],
    base,
    model: { ...definition, head: { ...definition.head, fusion_mode: fusionMode } },
    options,
    validationFraction: 0,
    provider: 'cpu',
    device: 0,
    threads: Number(threads),
  };
}

async function openTrainableModel(): Promise<TrainableModel> {
  const weights = await initialWeights(plan);
  const session = { provider: 'cpu', device: plan.device, threads: plan.threads } as const;
  return createTrainableModel(plan, weights, buildEncoderOutputs(plan, weights), session);
}

function* allBatches(): Generator<readonly TrainingPage[], never> {
  const order = { size: options.batch_size, pagesPerBook: options.hard_negatives, seed: options.seed };
  for (let epoch = 0; ; epoch++) yield* epochBatches(trainingSet.pages, order, epoch);
}

/** Takes a training step. Resolves with its loss. @throws Error if the step was skipped, because that takes less time */
async function takeStep(): Promise<number> {
  const { losses, isApplied } = await trainStep(trainableModel, trainingSet, batches.next().value, {
    options,
    step: steps,
    learningRates: schedule.rates(steps),
    microBatchSize: options.batch_size,
    warn: (message) => process.stderr.write(`${message}\n`),
  });
  if (!isApplied) throw new Error(`step ${steps + 1} was skipped: a number is not finite`);
  steps++;
  return losses.loss;
}
