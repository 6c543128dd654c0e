import { floatsOf } from '../weights/float-tensor.ts';
import type { Tensor } from '../weights/safetensors-reader.ts';
import { WeightsError } from '../weights/weights-error.ts';
import type { TrainingState } from './checkpoint/checkpoint-file.ts';
import type { Position } from './checkpoint/position.ts';
import type { Stepper } from './stepper.ts';

/** The stepper's numbers as they are now: views, to be written before the next step. */
export function snapshot(stepper: Stepper, position: Position): TrainingState {
  const { first, second } = stepper.optimizer.state;
  return {
    position,
    weights: stepper.weights(),
    first: stepper.ofVariables(first),
    second: stepper.ofVariables(second),
  };
}

/** Puts numbers back. @throws WeightsError where the checkpoint lacks one */
export function restore(stepper: Stepper, { position, weights, first, second }: TrainingState): void {
  const { state } = stepper.optimizer;
  for (const { key, begin } of stepper.variables) {
    state.values.set(kept(weights, key), begin);
    state.first.set(kept(first, key), begin);
    state.second.set(kept(second, key), begin);
  }
  stepper.setStatistics(new Map(stepper.statistics.map(({ key }) => [key, kept(weights, key)])));
  stepper.optimizer.count = position.updates;
}

function kept(tensors: ReadonlyMap<string, Tensor>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new WeightsError(`the checkpoint lacks "${key}"`);
  return floatsOf(tensor);
}
