import { isHeadKey } from '../architectures/head/head.ts';
import type { Tensor } from '../weights/tensor.ts';
import { readCheckpoint } from './checkpoint/checkpoint-file.ts';

/** The weights of a finished training, by what they are of. */
export interface TrainedWeights {
  /** By the head's own keys */
  readonly head: ReadonlyMap<string, Tensor>;
  /** Of encoders that were trained, under `encoders.<name>.`; without their running statistics, which stay as they were */
  readonly encoders: ReadonlyMap<string, Tensor>;
}

/** From the checkpoint that a training says is its result. @throws WeightsError where it is damaged */
export async function readTrainedWeights(checkpoint: string): Promise<TrainedWeights> {
  const { weights } = await readCheckpoint(checkpoint);
  const filterByKey = (matches: (key: string) => boolean) => new Map([...weights].filter(([key]) => matches(key)));
  return { head: filterByKey(isHeadKey), encoders: filterByKey((key) => key.startsWith('encoders.')) };
}
