import { PanelvecError } from '../../errors.ts';
import type { Tensor } from '../../weights/tensor.ts';
import type { Checkpoints } from '../checkpoint/checkpoints.ts';
import type { TrainerState } from '../checkpoint/trainer-state.ts';
import type { DatasetSplit } from '../data/dataset-split.ts';
import { epochBatches } from '../data/epoch-batches.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { trainStep } from '../step/train-step.ts';
import type { TrainableModel } from '../step/trainable-model.ts';
import type { WeightAverage } from '../step/weight-average.ts';
import type { TrainingOptions } from '../training-spec.ts';
import { score } from '../validation/retrieval-metrics.ts';
import type { ValidationMetrics, Validator } from '../validation/validator.ts';
import type { LearningRateSchedule } from './learning-rate-schedule.ts';
import type { TrainingReporter } from './training-reporter.ts';

/** Everything that the loop works with. */
export interface Training {
  readonly options: TrainingOptions;
  readonly trainingSet: TrainingSet;
  readonly split: DatasetSplit;
  readonly trainableModel: TrainableModel;
  /** Undefined where the weights are not averaged */
  readonly average: WeightAverage | undefined;
  readonly schedule: LearningRateSchedule;
  /** Undefined without pages for validation */
  readonly validator: Validator | undefined;
  readonly checkpoints: Checkpoints;
  readonly reporter: TrainingReporter;
  readonly signal: AbortSignal;
}

/**
 * Runs the epochs that are left.
 * @param start the state that the model has now
 * @returns the state at the end
 * @throws PanelvecError training_diverged; the signal's reason, with a checkpoint kept
 */
export async function runEpochs(training: Training, start: TrainerState): Promise<TrainerState> {
  const { options } = training;
  let state = start;
  if (state.baseline === null && state.step === 0) state = await beginTraining(training, state);
  // A head that is fitted and takes no step is the result of its training.
  if (options.epochs === 0 && state.best === null) await saveCheckpoint(training, state);
  while (state.epoch < options.epochs && !isPatienceExhausted(state, options)) state = await runEpoch(training, state);
  return state;
}

/**
 * Validates and keeps the weights before the first step, as epoch 0: the steps may make nothing better.
 * @throws PanelvecError dataset_invalid where no held-out panel has what the best epoch is chosen by
 */
async function beginTraining(training: Training, state: TrainerState): Promise<TrainerState> {
  const { options, validator, signal } = training;
  const metrics = await validator?.validate(learnedWeights(training), signal);
  if (metrics === undefined) return state;
  if (options.best_by !== 'validation_loss' && Number.isNaN(score(options.best_by, metrics))) {
    const message = `no held-out panel has what "${options.best_by}" measures: choose another metric, or hold out other pages`;
    throw new PanelvecError('dataset_invalid', message, { param: 'training.best_by' });
  }
  const best = betterEpoch(state, 0, options, metrics);
  const next = { ...state, baseline: { ...metrics }, best: best ?? null };
  if (best) await saveCheckpoint(training, next, true);
  return next;
}

async function runEpoch(training: Training, start: TrainerState): Promise<TrainerState> {
  const { options, split, reporter, signal } = training;
  const { batch_size: size, hard_negatives: pagesPerBook, seed } = options;
  const batches = epochBatches(split.training, { size, pagesPerBook, seed }, start.epoch);
  let state = start;
  reporter.startEpoch();
  for (const pages of batches.slice(start.batch)) {
    if (signal.aborted) await saveCheckpoint(training, state);
    signal.throwIfAborted();
    state = await runStep(training, pages, state);
    const isMidEpoch = state.batch < batches.length;
    if (isMidEpoch && state.step % options.save_every_steps === 0) await saveCheckpoint(training, state);
  }
  return endEpoch(training, state);
}

/** Takes the step of one batch, and reports it. @returns the state after it */
export async function runStep(
  training: Training,
  pages: readonly TrainingPage[],
  state: TrainerState,
): Promise<TrainerState> {
  const { options, trainableModel, average, trainingSet, schedule, reporter } = training;
  const learningRates = schedule.rates(state.step);
  const result = await trainStep(trainableModel, trainingSet, pages, {
    options,
    step: state.step,
    learningRates,
    microBatchSize: state.micro_batch,
    warn: (message) => reporter.warn(message),
  });
  const { losses, isApplied, microBatchSize } = result;
  const counted = Object.entries({ ...losses, taken: 1 });
  const next = {
    ...state,
    batch: state.batch + 1,
    step: state.step + 1,
    updates: state.updates + (isApplied ? 1 : 0),
    skipped: state.skipped + (isApplied ? 0 : 1),
    micro_batch: microBatchSize,
    sums: isApplied
      ? Object.fromEntries(counted.map(([name, value]) => [name, (state.sums[name] ?? 0) + value]))
      : state.sums,
  };
  if (isApplied) average?.update(trainableModel.weights(), next.updates);
  const panels = pages.reduce((sum, { rows }) => sum + rows, 0);
  reporter.reportStep(next, result, learningRates.head, panels);
  if (next.skipped >= options.max_skipped_steps) {
    const message = `${next.skipped} steps gave no finite numbers: a smaller learning_rate may help`;
    throw new PanelvecError('training_diverged', message, { param: 'training.learning_rate' });
  }
  return next;
}

/** Validates the epoch, saves a checkpoint where one is due, and begins the next epoch. */
async function endEpoch(training: Training, state: TrainerState): Promise<TrainerState> {
  const { options, schedule, reporter } = training;
  const metrics = await validate(training, state);
  const best = metrics && betterEpoch(state, state.epoch + 1, options, metrics);
  const learningRate = schedule.rates(state.step - 1).head;
  reporter.reportEpoch(state, { ...meanLosses(state), ...metrics, learning_rate: learningRate });
  const next = { ...state, epoch: state.epoch + 1, batch: 0, sums: {}, best: best ?? state.best };
  const isDue =
    next.epoch % options.save_every === 0 || next.epoch === options.epochs || isPatienceExhausted(next, options);
  if (best || isDue) await saveCheckpoint(training, next, best !== undefined);
  return next;
}

async function validate(training: Training, state: TrainerState): Promise<ValidationMetrics | undefined> {
  const { validator, signal } = training;
  try {
    return await validator?.validate(learnedWeights(training), signal);
  } catch (error) {
    // All steps of the epoch are done: a training that resumes here has only to validate it.
    if (signal.aborted) await saveCheckpoint(training, state);
    throw error;
  }
}

/** The weights that are validated, and that a model is made of. */
function learnedWeights({ trainableModel, average }: Training): ReadonlyMap<string, Tensor> {
  return (average ?? trainableModel).weights();
}

/** A validated epoch as the new best one; undefined where it is no better than the best so far. */
function betterEpoch(
  { best, step }: TrainerState,
  epoch: number,
  options: TrainingOptions,
  metrics: ValidationMetrics,
): TrainerState['best'] | undefined {
  const value = score(options.best_by, metrics);
  if (!Number.isFinite(value) || (best !== null && best.value >= value)) return undefined;
  return { epoch, step, value, measures: { ...metrics } };
}

function isPatienceExhausted({ best, epoch }: TrainerState, options: TrainingOptions): boolean {
  const { early_stopping_epochs: patience } = options;
  return patience !== null && best !== null && epoch - best.epoch >= patience;
}

async function saveCheckpoint(training: Training, state: TrainerState, isBest = false): Promise<void> {
  const { checkpoints, trainableModel, average, reporter } = training;
  if (!isBest && checkpoints.isSaved(state)) return;
  await reporter.sync();
  await checkpoints.save({ ...trainableModel.snapshot(state), averages: average?.weights() ?? new Map() }, isBest);
}

/** Means over the steps of the epoch that changed the weights. */
function meanLosses({ sums }: TrainerState): Record<string, number> {
  const { taken: appliedSteps = 0, ...lossSums } = sums;
  return Object.fromEntries(Object.entries(lossSums).map(([name, sum]) => [name, sum / appliedSteps]));
}
