import { createHash } from 'node:crypto';
import { toHeadSpec } from '../../model/model.ts';
import { chooseProvider } from '../../onnxruntime/choose-provider.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import type { StateDict } from '../../weights/state-dict.ts';
import { Checkpoints } from '../checkpoint/checkpoints.ts';
import { initialTrainerState, type TrainerState } from '../checkpoint/trainer-state.ts';
import { type DatasetSplit, splitPages } from '../data/dataset-split.ts';
import { TrainingSet } from '../data/training-set.ts';
import { backwardGraph } from '../graphs/backward-graph.ts';
import { buildEncoderOutputs, type EncoderOutputs } from '../graphs/encoder-outputs.ts';
import { evaluationGraph } from '../graphs/evaluation-graph.ts';
import { type HeadArchitecture, SERVED_HEAD } from '../graphs/head-architecture.ts';
import { HistoryFile, lastRecordedEpoch } from '../history/history-file.ts';
import { LearningRateSchedule } from '../loop/learning-rate-schedule.ts';
import type { Training } from '../loop/training-loop.ts';
import { TrainingReporter } from '../loop/training-reporter.ts';
import { TrainableModel } from '../step/trainable-model.ts';
import { WeightAverage } from '../step/weight-average.ts';
import type { TrainingHooks } from '../training-hooks.ts';
import { type TrainingPlan, trainingPaths } from '../training-plan.ts';
import { type ValidationSet, Validator } from '../validation/validator.ts';
import { assertTrainableDataset } from './assert-trainable-dataset.ts';
import { fitInitialHead } from './closed-form/fit-initial-head.ts';
import { initialWeights } from './initial-weights.ts';

/** A training with all that it has opened, as its last checkpoint left it. */
export interface PreparedTraining extends Training, AsyncDisposable {
  readonly initialState: TrainerState;
}

/**
 * Opens the data, the model and the files of a training.
 * @param architecture one that is not served is trained without validation
 * @throws PanelvecError dataset_invalid; WeightsError, ModelError
 */
export async function prepareTraining(
  plan: TrainingPlan,
  hooks: TrainingHooks,
  architecture: HeadArchitecture = SERVED_HEAD,
): Promise<PreparedTraining> {
  const { options } = plan;
  await using disposables = new AsyncDisposableStack();

  const trainingSet = disposables.use(await TrainingSet.open(plan.partFiles));
  const split = splitDataset(plan, trainingSet);

  const { provider } = await chooseProvider(plan);
  hooks.onStart();
  const sessionOptions = { provider, device: plan.device, threads: plan.threads };
  const fingerprint = trainingFingerprint(plan, trainingSet);
  const fitted = await fitInitialHead(plan, fingerprint, { trainingSet, pages: split.training }, hooks.signal);
  const initialHead = architecture.initialTensors?.(toHeadSpec(plan.model), options.seed) ?? fitted?.tensors;
  const weights = await initialWeights(plan, initialHead);
  const encoderOutputs = buildEncoderOutputs(plan, weights);
  const trainableModel = await createTrainableModel(plan, weights, encoderOutputs, sessionOptions, architecture);
  disposables.defer(() => trainableModel.close());
  const variableKeys = new Set(trainableModel.weights().keys());
  const validationSet = { trainingSet, pages: split.validation };
  const validator =
    split.validation.length === 0 || architecture !== SERVED_HEAD
      ? undefined
      : await createValidator(plan, weights, encoderOutputs, variableKeys, validationSet, sessionOptions);
  if (validator) disposables.defer(() => validator.close());

  const paths = trainingPaths(plan.folder);
  const checkpoints = new Checkpoints(paths.checkpoints, fingerprint);
  const { snapshot, damaged } = await checkpoints.loadLatest();
  const { weight_averaging: decay } = options;
  const average = decay === null ? undefined : new WeightAverage(decay, trainableModel.weights());
  if (snapshot) {
    trainableModel.restore(snapshot);
    average?.restore(snapshot.averages);
  }
  const initialState = snapshot?.trainerState ?? initialTrainerState(options.micro_batch_size ?? options.batch_size);
  const history = disposables.use(await HistoryFile.open(paths.history, initialState.step));
  const reporter = new TrainingReporter({
    history,
    recordedEpochs: await lastRecordedEpoch(paths.history),
    hooks,
    epochs: options.epochs,
    pages: split.training.length,
    batchSize: options.batch_size,
    logInterval: options.log_interval,
  });
  for (const note of fitted?.notes ?? []) reporter.warn(note);
  const consequence = snapshot ? 'resuming from the one before it' : 'starting from the beginning';
  for (const problem of damaged) reporter.warn(`a checkpoint cannot be used (${problem}): ${consequence}`);

  const resources = disposables.move();
  return {
    options,
    trainingSet,
    split,
    trainableModel,
    average,
    schedule: new LearningRateSchedule(options, Math.ceil(split.training.length / options.batch_size)),
    validator,
    checkpoints,
    reporter,
    signal: hooks.signal,
    initialState,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** @throws PanelvecError dataset_invalid */
function splitDataset({ options, validationFraction }: TrainingPlan, trainingSet: TrainingSet): DatasetSplit {
  const pagesWithPanels = trainingSet.pages.filter(({ rows }) => rows > 0);
  const split = splitPages(pagesWithPanels, validationFraction, options.seed);
  assertTrainableDataset(split, options, validationFraction);
  return split;
}

/** Builds the backward graph of a plan, and opens it. @throws WeightsError, GraphError where the weights do not fit */
export function createTrainableModel(
  { model, options }: TrainingPlan,
  weights: StateDict,
  encoderOutputs: EncoderOutputs,
  sessionOptions: SessionOptions,
  architecture?: HeadArchitecture,
): Promise<TrainableModel> {
  const { dropout, weight_decay: weightDecay, max_grad_norm: maxGradNorm } = options;
  const graph = backwardGraph(weights, { spec: toHeadSpec(model), options, dropout, architecture }, encoderOutputs);
  return TrainableModel.create(graph, weights, {
    ...sessionOptions,
    weightDecay,
    maxGradNorm: maxGradNorm ?? Number.POSITIVE_INFINITY,
  });
}

/** Builds the evaluation graph of a plan, and opens it. @param variableKeys weights that change between two validations */
export function createValidator(
  { model, options }: TrainingPlan,
  weights: StateDict,
  encoderOutputs: EncoderOutputs,
  variableKeys: ReadonlySet<string>,
  validationSet: ValidationSet,
  sessionOptions: SessionOptions,
): Promise<Validator> {
  const graph = evaluationGraph(weights, toHeadSpec(model), options, encoderOutputs, variableKeys);
  const { batch_size: batchSize, seed } = options;
  return Validator.create(graph, validationSet, { ...sessionOptions, dimensions: model.dimensions, batchSize, seed });
}

/** A hash of what a checkpoint must agree with to be resumed from: pages and their split, model, options. */
function trainingFingerprint(
  { model, options, base, validationFraction }: TrainingPlan,
  trainingSet: TrainingSet,
): string {
  const pages = trainingSet.pages.map(({ id, rows, validation }) => [id, rows, validation]);
  return createHash('sha256')
    .update(JSON.stringify([base.space, model, options, validationFraction, pages]))
    .digest('hex');
}
