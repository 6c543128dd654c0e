import type { TrainerState } from './checkpoint/trainer-state.ts';
import type { TrainingPage } from './data/training-set.ts';
import type { HeadArchitecture } from './graphs/head-architecture.ts';
import { runEpochs } from './loop/training-loop.ts';
import { type PreparedTraining, prepareTraining } from './preparation/prepare-training.ts';
import type { TrainingHooks, TrainingSummary } from './training-hooks.ts';
import type { TrainingPlan } from './training-plan.ts';

/**
 * Trains until the plan's epochs are over, from the last checkpoint on where there is one. The final weights are those of a
 * training that was never interrupted, bit for bit, with the same number of threads on the same machine.
 * @param architecture the served head by default
 * @throws PanelvecError dataset_invalid, training_diverged, storage_failed; the signal's reason, with a checkpoint kept
 */
export async function train(
  plan: TrainingPlan,
  hooks: TrainingHooks,
  architecture?: HeadArchitecture,
): Promise<TrainingSummary> {
  await using training = await prepareTraining(plan, hooks, architecture);
  const state = await runEpochs(training, training.initialState);
  if (state.best?.epoch === 0 && state.epoch > 0) {
    training.reporter.warn('no epoch was better than the head before the first step, which is the result');
  }
  return summarize(training, state, await training.checkpoints.resultFile());
}

function summarize({ split, reporter }: PreparedTraining, state: TrainerState, result: string): TrainingSummary {
  const { training, validation } = split;
  const { epoch, step, skipped, best, baseline } = state;
  return {
    epochs: epoch,
    steps: step,
    skipped,
    books: { training: listBooks(training), validation: listBooks(validation) },
    pages: { training: training.length, validation: validation.length },
    panels: { training: countPanels(training), validation: countPanels(validation) },
    baseline,
    best: best && { epoch: best.epoch, measures: best.measures },
    result,
    notes: reporter.warnings,
  };
}

function listBooks(pages: readonly TrainingPage[]): string[] {
  return [...new Set(pages.map(({ book }) => book))];
}

function countPanels(pages: readonly TrainingPage[]): number {
  return pages.reduce((sum, { rows }) => sum + rows, 0);
}
