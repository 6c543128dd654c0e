import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../../errors.ts';
import { ComputeProcess } from '../../../process/compute-process.ts';
import { trainInProcess } from '../../../training/trainer-process/trainer-process.ts';
import type { TrainingHooks } from '../../../training/training-hooks.ts';
import type { BaselinePlan, BaselineVectors, TrainedBaseline, ViewFeatures } from '../baseline.ts';
import { baselineTrainingPlan } from '../baseline-training.ts';
import { fitRawFeatures } from '../raw-features.ts';
import type { BaselineMethods } from './baseline-messages.ts';

const ENTRY = path.join(import.meta.dirname, 'baseline-main.ts');

/**
 * Trains a baseline in a process of its own, from its last checkpoint on where its folder has one. The same plan gives the same
 * numbers; `raw` features are only standardised.
 * @throws PanelvecError as train() does; the signal's reason
 */
export async function trainBaseline(plan: BaselinePlan, hooks: TrainingHooks): Promise<TrainedBaseline> {
  await mkdir(plan.folder, { recursive: true });
  if (plan.kind === 'raw') return { plan, weights: await fitRawFeatures(plan) };
  const trainingPlan = await baselineTrainingPlan(plan);
  const { result } = await trainInProcess(trainingPlan, hooks, plan.kind === 'v1' ? ENTRY : undefined);
  return { plan, weights: result };
}

/**
 * The fused vectors of some views of panels, by the names of the views.
 * @throws PanelvecError worker_lost where the process ends early; the signal's reason
 */
export async function baselineVectors(
  trained: TrainedBaseline,
  views: Readonly<Record<string, ViewFeatures>>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, BaselineVectors>>> {
  signal.throwIfAborted();
  const computing: ComputeProcess<BaselineMethods> = new ComputeProcess({
    entry: ENTRY,
    toExitError: (reason) => {
      const message = `the process of a baseline ended (${reason})${computing.stderrTail.errorLine}`;
      return new PanelvecError('worker_lost', message);
    },
  });
  try {
    return await computing.rpc.request('vectors', { trained, views }, { signal });
  } finally {
    computing.kill();
    await computing.exited;
  }
}
