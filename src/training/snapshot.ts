import type { Tensor } from '../weights/safetensors-reader.ts';
import { WeightsError } from '../weights/weights-error.ts';
import type { TrainingState } from './checkpoint/checkpoint-file.ts';
import type { Position } from './checkpoint/position.ts';
import type { Stepper } from './stepper.ts';

/** The stepper's numbers as they are now: views, to be written before the next step. */
export function snapshot(stepper: Stepper, position: Position): TrainingState {
  const moments = (memory: Float32Array) =>
    new Map(
      stepper.variables.map(({ key, shape, begin, end }): [string, Tensor] => [
        key,
        { dtype: 'float32', shape, bytes: bytesOf(memory.subarray(begin, end)) },
      ]),
    );
  const { first, second } = stepper.optimizer.state;
  return { position, weights: stepper.weights(), first: moments(first), second: moments(second) };
}

/** Puts numbers back. @throws WeightsError where the checkpoint lacks one */
export function restore(stepper: Stepper, { position, weights, first, second }: TrainingState): void {
  const { state } = stepper.optimizer;
  for (const { key, begin } of stepper.variables) {
    state.values.set(floatsOf(weights, key), begin);
    state.first.set(floatsOf(first, key), begin);
    state.second.set(floatsOf(second, key), begin);
  }
  stepper.setStatistics(new Map(stepper.statistics.map(({ key }) => [key, floatsOf(weights, key)])));
  stepper.optimizer.count = position.updates;
}

function floatsOf(tensors: ReadonlyMap<string, Tensor>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new WeightsError(`the checkpoint lacks "${key}"`);
  return new Float32Array(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength / 4);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
