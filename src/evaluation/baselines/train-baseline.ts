import { mkdir } from 'node:fs/promises';
import { codeFile } from '../../process/code-file.ts';
import { trainInProcess } from '../../training/trainer-process/trainer-process.ts';
import type { TrainingHooks } from '../../training/training-hooks.ts';
import type { BaselinePlan, TrainedBaseline } from './baseline.ts';
import { baselineTrainingPlan } from './baseline-training.ts';
import { fitRawFeatures } from './raw-features.ts';

const V1_ENTRY = codeFile(import.meta, 'v1-trainer-main');

/**
 * Trains a baseline in a process of its own, from its last checkpoint on where its folder has one. The same plan gives the same
 * numbers; `raw` features are only standardised.
 * @throws PanelvecError as train() does; the signal's reason
 */
export async function trainBaseline(plan: BaselinePlan, hooks: TrainingHooks): Promise<TrainedBaseline> {
  await mkdir(plan.folder, { recursive: true });
  if (plan.kind === 'raw') return { plan, weights: await fitRawFeatures(plan) };
  const trainingPlan = await baselineTrainingPlan(plan);
  const { result } = await trainInProcess(trainingPlan, hooks, plan.kind === 'v1' ? V1_ENTRY : undefined);
  return { plan, weights: result };
}
