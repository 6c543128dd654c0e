import { createHash } from 'node:crypto';
import type { Tensor } from '../../weights/safetensors-reader.ts';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { type Position, positionSchema } from './position.ts';

/**
 * A training at one moment: trained weights and running statistics by their keys, and the moments of each variable under
 * `first/<key>` and `second/<key>`.
 */
export interface TrainingState {
  readonly position: Position;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly first: ReadonlyMap<string, Tensor>;
  readonly second: ReadonlyMap<string, Tensor>;
}

/**
 * Writes a checkpoint whole. It says what training it is of, and the hash of its numbers.
 * @param training stands for data, model and options: with others, the numbers mean nothing
 */
export async function writeCheckpoint(file: string, state: TrainingState, training: string): Promise<void> {
  const tensors = new Map(state.weights);
  for (const [key, tensor] of state.first) tensors.set(`first/${key}`, tensor);
  for (const [key, tensor] of state.second) tensors.set(`second/${key}`, tensor);
  const position = JSON.stringify(state.position);
  await writeSafetensors(file, tensors, { position, training, sha256: digest(tensors, position) });
}

/** @throws WeightsError where the file is torn or damaged, or of another training than the one that is named */
export async function readCheckpoint(file: string, training?: string): Promise<TrainingState> {
  const { tensors, metadata } = await readSafetensors(file);
  const position = metadata['position'] ?? '';
  if (metadata['sha256'] !== digest(tensors, position))
    throw new WeightsError(`${file}: the numbers are not those that were written`);
  if (training !== undefined && metadata['training'] !== training)
    throw new WeightsError(`${file} is of another training`);
  const under = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([key, tensor]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), tensor]] : [])),
    );
  const weights = new Map([...tensors].filter(([key]) => !/^(first|second)\//.test(key)));
  return {
    position: positionSchema.parse(JSON.parse(position)),
    weights,
    first: under('first/'),
    second: under('second/'),
  };
}

/** In the order of the keys: a file gives its tensors in the order of their places. */
function digest(tensors: ReadonlyMap<string, Tensor>, position: string): string {
  const hash = createHash('sha256').update(position);
  for (const key of [...tensors.keys()].sort()) {
    const { dtype, shape, bytes } = tensors.get(key)!;
    hash.update(JSON.stringify([key, dtype, shape])).update(bytes);
  }
  return hash.digest('hex');
}
