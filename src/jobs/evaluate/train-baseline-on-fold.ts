import { PanelvecError } from '../../errors.ts';
import type { AbsentFeatures, BaselinePlan, TrainedBaseline } from '../../evaluation/baselines/baseline.ts';
import { trainBaseline } from '../../evaluation/baselines/train-baseline.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';
import { trainedModelParts } from '../train/trained-model-parts.ts';
import type { BaselineContender } from './contenders.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { type FoldTraining, foldTrainingHooks } from './fold-training.ts';

/** Pages of a step, as the original has it. */
const BATCH_SIZE = 8;

/** Trains a baseline on the pages of a fold. @throws PanelvecError naming the baseline if it cannot be trained there */
export async function trainBaselineOnFold(
  { kind, rows: { spec: trainSpec } }: BaselineContender,
  absent: AbsentFeatures,
  { folder, partFiles, onProgress }: FoldTraining,
  { baselines, baseline_epochs: epochs, seed }: EvaluateSpec,
  context: TaskContext,
): Promise<TrainedBaseline> {
  const { resources } = context;
  const { model: base } = await resources.loadModel(trainSpec.model.base);
  const { provider, devices, threads } = resources.engines;
  const plan: BaselinePlan = {
    kind,
    folder,
    partFiles,
    base,
    model: trainedModelParts(trainSpec, base),
    absent,
    epochs,
    batchSize: BATCH_SIZE,
    seed,
    provider,
    device: elementAt(devices, 0),
    threads,
  };
  try {
    return await trainBaseline(plan, foldTrainingHooks(kind, onProgress, context));
  } catch (error) {
    if (!(error instanceof PanelvecError) || error.code !== 'dataset_invalid') throw error;
    const param = `baselines.${baselines.indexOf(kind)}`;
    throw new PanelvecError(error.code, `${kind} cannot be trained here: ${error.message}`, { param, cause: error });
  }
}
