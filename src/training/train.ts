import { prepareTraining } from './prepare-training.ts';
import type { TrainingHooks, TrainingSummary } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';
import { TrainingRun } from './training-run.ts';

/**
 * Trains until the plan's epochs are over, from the last checkpoint on where there is one: the weights at the end are
 * those of a training that was never interrupted, bit for bit, with the same number of threads on the same machine.
 * @throws PanelvecError dataset_invalid, training_diverged, storage_failed; the signal's reason, with a checkpoint kept
 */
export async function train(plan: TrainingPlan, hooks: TrainingHooks): Promise<TrainingSummary> {
  await using trainingRun = new TrainingRun(plan, hooks, await prepareTraining(plan, hooks));
  // Waited for here: what is returned unfinished would lose its run.
  return await trainingRun.run();
}
