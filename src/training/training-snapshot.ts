import type { Tensor } from '../weights/tensor.ts';
import { float32View } from '../weights/tensor.ts';
import { WeightsError } from '../weights/weights-error.ts';
import type { TrainingSnapshot } from './checkpoint/checkpoint-file.ts';
import type { TrainerState } from './checkpoint/trainer-state.ts';
import type { Stepper } from './stepper.ts';

/** The stepper's numbers as they are now: views, to be written before the next step. */
export function takeSnapshot(stepper: Stepper, trainerState: TrainerState): TrainingSnapshot {
  const { firstMoments, secondMoments } = stepper.optimizer.state;
  return {
    trainerState,
    weights: stepper.weights(),
    firstMoments: stepper.viewByVariable(firstMoments),
    secondMoments: stepper.viewByVariable(secondMoments),
  };
}

/** Puts numbers back. @throws WeightsError where the checkpoint lacks one */
export function restoreSnapshot(
  stepper: Stepper,
  { trainerState, weights, firstMoments, secondMoments }: TrainingSnapshot,
): void {
  const { state } = stepper.optimizer;
  for (const { key, begin } of stepper.variables) {
    state.values.set(requireValues(weights, key), begin);
    state.firstMoments.set(requireValues(firstMoments, key), begin);
    state.secondMoments.set(requireValues(secondMoments, key), begin);
  }
  stepper.setStatistics(new Map(stepper.statistics.map(({ key }) => [key, requireValues(weights, key)])));
  stepper.optimizer.stepCount = trainerState.updates;
}

function requireValues(tensors: ReadonlyMap<string, Tensor>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new WeightsError(`the checkpoint lacks "${key}"`);
  return float32View(tensor);
}
