import { createHash } from 'node:crypto';
import { chooseProvider } from '../inference/engine/provider.ts';
import { headSpec } from '../model/model.ts';
import { Checkpoints } from './checkpoint/checkpoints.ts';
import { beginning, type Position } from './checkpoint/position.ts';
import { type Split, split } from './data/split.ts';
import { TrainingSet } from './data/training-set.ts';
import { HistoryFile, readHistory } from './history/history-file.ts';
import { initialWeights } from './initial-weights.ts';
import { restore } from './snapshot.ts';
import { Stepper } from './stepper.ts';
import { assertTrainable } from './trainable.ts';
import { isTrained, pooledOf, rateGroup } from './trained-model.ts';
import { trainingFiles } from './training-files.ts';
import type { TrainingHooks } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';
import { Validator } from './validation/validator.ts';

/** Everything that a training needs, as its last checkpoint left it. */
export interface OpenTraining {
  readonly set: TrainingSet;
  readonly split: Split;
  readonly stepper: Stepper;
  readonly validator: Validator | undefined;
  readonly checkpoints: Checkpoints;
  readonly history: HistoryFile;
  /** Epochs that have their line in the history */
  readonly recordedEpochs: number;
  readonly position: Position;
  /** What was wrong with checkpoints that are not gone on from */
  readonly problems: readonly string[];
}

/** @throws PanelvecError dataset_invalid, WeightsError, ModelError where there is nothing that could be trained */
export async function openTraining(plan: TrainingPlan, hooks: TrainingHooks): Promise<OpenTraining> {
  const { options, model } = plan;
  await using open = new AsyncDisposableStack();
  const set = open.use(await TrainingSet.open(plan.parts));
  const filled = set.pages.filter(({ rows }) => rows > 0);
  const pages = split(filled, plan.validationFraction, options.seed);
  assertTrainable(pages, options, plan.validationFraction);
  const { provider } = await chooseProvider(plan);
  hooks.begun();
  const place = { provider, device: plan.device, threads: plan.threads };
  const weights = await initialWeights(plan);
  const spec = headSpec(model);
  const pooled = pooledOf(plan, weights);
  const stepper = await Stepper.create(
    weights,
    { spec, options, dropout: options.dropout, trains: isTrained },
    pooled,
    {
      ...place,
      weightDecay: options.weight_decay,
      maxGradNorm: options.max_grad_norm ?? Number.POSITIVE_INFINITY,
      groupOf: rateGroup,
    },
  );
  open.defer(() => stepper.close());
  const keys = new Set(stepper.weights().keys());
  const data = { set, pages: pages.validation };
  const validation = { ...place, objectives: options, batchSize: options.batch_size, seed: options.seed };
  const validator =
    pages.validation.length === 0 ? undefined : await Validator.create(weights, spec, pooled, keys, data, validation);
  if (validator) open.defer(() => validator.close());
  const files = trainingFiles(plan.folder);
  const checkpoints = new Checkpoints(files.checkpoints, identity(plan, set));
  const { state, damaged } = await checkpoints.last();
  if (state) restore(stepper, state);
  const position = state?.position ?? beginning(options.micro_batch_size ?? options.batch_size);
  const history = await HistoryFile.open(files.history, position.step);
  const recordedEpochs = await epochsIn(files.history);
  const next = state ? 'the one before it is gone on from' : 'the training begins anew';
  const problems = damaged.map((problem) => `a checkpoint cannot be gone on from (${problem}): ${next}`);
  open.move();
  return { set, split: pages, stepper, validator, checkpoints, history, recordedEpochs, position, problems };
}

async function epochsIn(history: string): Promise<number> {
  let last = 0;
  for await (const { kind, epoch } of readHistory(history)) if (kind === 'epoch') last = epoch;
  return last;
}

/** What a checkpoint must be of to be gone on from: the same pages, split the same way, model and options. */
function identity({ model, options, base, validationFraction }: TrainingPlan, set: TrainingSet): string {
  const pages = set.pages.map(({ id, rows, validation }) => [id, rows, validation]);
  return createHash('sha256')
    .update(JSON.stringify([base.space, model, options, validationFraction, pages]))
    .digest('hex');
}
