import { createHash } from 'node:crypto';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { type TrainerState, trainerStateSchema } from './trainer-state.ts';

/**
 * A training at one moment. In a file, the moments of a variable have the keys `first/<key>` and `second/<key>`, and the average of
 * a weight has `average/<key>`.
 */
export interface TrainingSnapshot {
  readonly trainerState: TrainerState;
  /** Trained weights and running statistics, by key */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly firstMoments: ReadonlyMap<string, Tensor>;
  readonly secondMoments: ReadonlyMap<string, Tensor>;
  /** Of the weights; empty where the training keeps none */
  readonly averages: ReadonlyMap<string, Tensor>;
}

/** The weights that a training has learned by the time of a checkpoint: the averages, where it keeps them. */
export function resultWeights({ weights, averages }: TrainingSnapshot): ReadonlyMap<string, Tensor> {
  return averages.size > 0 ? averages : weights;
}

/**
 * Writes a checkpoint atomically, with a hash of its numbers.
 * @param fingerprint of data, model and options: with others, the numbers mean nothing
 */
export async function writeCheckpoint(file: string, snapshot: TrainingSnapshot, fingerprint: string): Promise<void> {
  const tensors = new Map(snapshot.weights);
  for (const [key, tensor] of snapshot.firstMoments) tensors.set(`first/${key}`, tensor);
  for (const [key, tensor] of snapshot.secondMoments) tensors.set(`second/${key}`, tensor);
  for (const [key, tensor] of snapshot.averages) tensors.set(`average/${key}`, tensor);
  const stateJson = JSON.stringify(snapshot.trainerState);
  await writeSafetensors(file, tensors, {
    position: stateJson,
    training: fingerprint,
    sha256: hashTensors(tensors, stateJson),
  });
}

/** Reads a checkpoint. @throws WeightsError where the file is truncated or damaged, or has another fingerprint */
export async function readCheckpoint(file: string, fingerprint?: string): Promise<TrainingSnapshot> {
  const { tensors, metadata } = await readSafetensors(file);
  const stateJson = metadata['position'] ?? '';
  if (metadata['sha256'] !== hashTensors(tensors, stateJson))
    throw new WeightsError(`${file}: the numbers are not those that were written`);
  if (fingerprint !== undefined && metadata['training'] !== fingerprint)
    throw new WeightsError(`${file} is of another training`);
  const withoutPrefix = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([key, tensor]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), tensor]] : [])),
    );
  const weights = new Map([...tensors].filter(([key]) => !/^(first|second|average)\//.test(key)));
  return {
    trainerState: trainerStateSchema.parse(JSON.parse(stateJson)),
    weights,
    firstMoments: withoutPrefix('first/'),
    secondMoments: withoutPrefix('second/'),
    averages: withoutPrefix('average/'),
  };
}

/** Hashes a text, and tensors in the order of their keys, because a file returns them in the order of their offsets. */
export function hashTensors(tensors: ReadonlyMap<string, Tensor>, text: string): string {
  const hash = createHash('sha256').update(text);
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, { dtype, shape, bytes }] of sorted) {
    hash.update(JSON.stringify([key, dtype, shape])).update(bytes);
  }
  return hash.digest('hex');
}
