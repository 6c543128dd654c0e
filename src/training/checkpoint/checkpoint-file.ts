import { createHash } from 'node:crypto';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { type TrainerState, trainerStateSchema } from './trainer-state.ts';

/**
 * A training at one moment: trained weights and running statistics by their keys, and the moments of each variable under
 * `first/<key>` and `second/<key>`.
 */
export interface TrainingSnapshot {
  readonly trainerState: TrainerState;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly firstMoments: ReadonlyMap<string, Tensor>;
  readonly secondMoments: ReadonlyMap<string, Tensor>;
}

/**
 * Writes a checkpoint whole. It says what training it is of, and the hash of its numbers.
 * @param fingerprint stands for data, model and options: with others, the numbers mean nothing
 */
export async function writeCheckpoint(file: string, snapshot: TrainingSnapshot, fingerprint: string): Promise<void> {
  const tensors = new Map(snapshot.weights);
  for (const [key, tensor] of snapshot.firstMoments) tensors.set(`first/${key}`, tensor);
  for (const [key, tensor] of snapshot.secondMoments) tensors.set(`second/${key}`, tensor);
  const stateJson = JSON.stringify(snapshot.trainerState);
  await writeSafetensors(file, tensors, {
    position: stateJson,
    training: fingerprint,
    sha256: digest(tensors, stateJson),
  });
}

/** @throws WeightsError where the file is torn or damaged, or of another training than the one that is named */
export async function readCheckpoint(file: string, fingerprint?: string): Promise<TrainingSnapshot> {
  const { tensors, metadata } = await readSafetensors(file);
  const stateJson = metadata['position'] ?? '';
  if (metadata['sha256'] !== digest(tensors, stateJson))
    throw new WeightsError(`${file}: the numbers are not those that were written`);
  if (fingerprint !== undefined && metadata['training'] !== fingerprint)
    throw new WeightsError(`${file} is of another training`);
  const withoutPrefix = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([key, tensor]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), tensor]] : [])),
    );
  const weights = new Map([...tensors].filter(([key]) => !/^(first|second)\//.test(key)));
  return {
    trainerState: trainerStateSchema.parse(JSON.parse(stateJson)),
    weights,
    firstMoments: withoutPrefix('first/'),
    secondMoments: withoutPrefix('second/'),
  };
}

/** In the order of the keys: a file gives its tensors in the order of their places. */
function digest(tensors: ReadonlyMap<string, Tensor>, stateJson: string): string {
  const hash = createHash('sha256').update(stateJson);
  for (const key of [...tensors.keys()].sort()) {
    const { dtype, shape, bytes } = tensors.get(key)!;
    hash.update(JSON.stringify([key, dtype, shape])).update(bytes);
  }
  return hash.digest('hex');
}
