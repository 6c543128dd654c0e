import { createHash } from 'node:crypto';
import { toHeadSpec } from '../model/model.ts';
import { chooseProvider } from '../onnxruntime/choose-provider.ts';
import { assertTrainableDataset } from './assert-trainable-dataset.ts';
import { Checkpoints } from './checkpoint/checkpoints.ts';
import { initialTrainerState, type TrainerState } from './checkpoint/trainer-state.ts';
import { type DatasetSplit, splitPages } from './data/dataset-split.ts';
import { TrainingSet } from './data/training-set.ts';
import { HistoryFile, readHistory } from './history/history-file.ts';
import { initialWeights } from './initial-weights.ts';
import { Stepper } from './stepper.ts';
import { buildEncoderOutputs, isTrained, parameterGroup } from './trainable-weights.ts';
import type { TrainingHooks } from './training-hooks.ts';
import { trainingPaths } from './training-paths.ts';
import type { TrainingPlan } from './training-plan.ts';
import { restoreSnapshot } from './training-snapshot.ts';
import { Validator } from './validation/validator.ts';

/** Everything that a training needs, as its last checkpoint left it. */
export interface TrainingContext {
  readonly trainingSet: TrainingSet;
  readonly split: DatasetSplit;
  readonly stepper: Stepper;
  readonly validator: Validator | undefined;
  readonly checkpoints: Checkpoints;
  readonly history: HistoryFile;
  /** Epochs that have their line in the history */
  readonly recordedEpochs: number;
  readonly trainerState: TrainerState;
  /** What was wrong with checkpoints that are not gone on from */
  readonly warnings: readonly string[];
}

/** @throws PanelvecError dataset_invalid, WeightsError, ModelError where there is nothing that could be trained */
export async function prepareTraining(plan: TrainingPlan, hooks: TrainingHooks): Promise<TrainingContext> {
  const { options, model } = plan;
  await using disposables = new AsyncDisposableStack();
  const trainingSet = disposables.use(await TrainingSet.open(plan.partFiles));
  const pagesWithPanels = trainingSet.pages.filter(({ rows }) => rows > 0);
  const split = splitPages(pagesWithPanels, plan.validationFraction, options.seed);
  assertTrainableDataset(split, options, plan.validationFraction);
  const { provider } = await chooseProvider(plan);
  hooks.onStart();
  const sessionOptions = { provider, device: plan.device, threads: plan.threads };
  const weights = await initialWeights(plan);
  const spec = toHeadSpec(model);
  const encoderOutputs = buildEncoderOutputs(plan, weights);
  const stepper = await Stepper.create(
    weights,
    { spec, options, dropout: options.dropout, isTrained },
    encoderOutputs,
    {
      ...sessionOptions,
      weightDecay: options.weight_decay,
      maxGradNorm: options.max_grad_norm ?? Number.POSITIVE_INFINITY,
      groupOf: parameterGroup,
    },
  );
  disposables.defer(() => stepper.close());
  const variableKeys = new Set(stepper.weights().keys());
  const data = { trainingSet, pages: split.validation };
  const validation = { ...sessionOptions, objectives: options, batchSize: options.batch_size, seed: options.seed };
  const validator =
    split.validation.length === 0
      ? undefined
      : await Validator.create(weights, spec, encoderOutputs, variableKeys, data, validation);
  if (validator) disposables.defer(() => validator.close());
  const paths = trainingPaths(plan.folder);
  const checkpoints = new Checkpoints(paths.checkpoints, trainingFingerprint(plan, trainingSet));
  const { snapshot, damaged } = await checkpoints.loadLatest();
  if (snapshot) restoreSnapshot(stepper, snapshot);
  const trainerState = snapshot?.trainerState ?? initialTrainerState(options.micro_batch_size ?? options.batch_size);
  const history = await HistoryFile.open(paths.history, trainerState.step);
  const recordedEpochs = await readRecordedEpochs(paths.history);
  const consequence = snapshot ? 'the one before it is gone on from' : 'the training begins anew';
  const warnings = damaged.map((problem) => `a checkpoint cannot be gone on from (${problem}): ${consequence}`);
  disposables.move();
  return { trainingSet, split, stepper, validator, checkpoints, history, recordedEpochs, trainerState, warnings };
}

async function readRecordedEpochs(history: string): Promise<number> {
  let lastEpoch = 0;
  for await (const { kind, epoch } of readHistory(history)) if (kind === 'epoch') lastEpoch = epoch;
  return lastEpoch;
}

/** What a checkpoint must be of to be gone on from: the same pages, split the same way, model and options. */
function trainingFingerprint(
  { model, options, base, validationFraction }: TrainingPlan,
  trainingSet: TrainingSet,
): string {
  const pages = trainingSet.pages.map(({ id, rows, validation }) => [id, rows, validation]);
  return createHash('sha256')
    .update(JSON.stringify([base.space, model, options, validationFraction, pages]))
    .digest('hex');
}
