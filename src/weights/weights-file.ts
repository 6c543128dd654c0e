import type { Tensor } from './tensor.ts';

/** The names in a file of weights, or in several that belong together. The elements are loaded when they are asked for. */
export interface WeightsFile {
  readonly file: string;
  readonly tensors: readonly TensorName[];
  /** Names of entries that are no tensors, such as `epoch`. */
  readonly others: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws WeightsError naming the key that is missing, damaged or of a type that is not read */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, Tensor>>;
}

export interface TensorName {
  /** The whole name: that of a tensor in a nested dict begins with the names of the dicts, as `state_dict.text.proj.weight`. */
  readonly key: string;
  /** The part of the key that names the dicts, with its dot; empty for tensors at the top level. */
  readonly dict: string;
}
