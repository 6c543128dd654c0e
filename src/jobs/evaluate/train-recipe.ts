import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Model, readModel } from '../../model/model.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import { trainInProcess } from '../../training/trainer-process/trainer-process.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';
import { buildTrainedModel } from '../train/build-trained-model.ts';
import { trainedModelParts } from '../train/trained-model-parts.ts';
import type { RecipeContender } from './contenders.ts';
import { type FoldTraining, foldTrainingHooks } from './fold-training.ts';

/** Trains a recipe, from its last checkpoint on where there is one, and builds the model in the folder of the training. */
export async function trainRecipe(
  { name, rows: { spec: trainSpec } }: RecipeContender,
  { folder, partFiles, onProgress }: FoldTraining,
  context: TaskContext,
): Promise<Model> {
  const built = await readModel(path.join(homeModelsFolder(folder), name)).catch(() => undefined);
  if (built !== undefined) return built;
  await mkdir(folder, { recursive: true });
  const { resources } = context;
  const { model: base } = await resources.loadModel(trainSpec.model.base);
  const { provider, devices, threads } = resources.engines;
  const plan: TrainingPlan = {
    folder,
    partFiles,
    base,
    model: trainedModelParts(trainSpec, base),
    options: trainSpec.training,
    validationFraction: trainSpec.dataset.val_fraction,
    provider,
    device: elementAt(devices, 0),
    threads,
  };
  const { result: checkpoint } = await trainInProcess(plan, foldTrainingHooks(name, onProgress, context));
  const origin = { job_id: context.jobId };
  return buildTrainedModel(folder, { plan, checkpoint, origin, card: '' }, context.signal);
}
