import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import { describePickleValue, PickleDict, type PickleValue } from './pickle-values.ts';
import { PickledTensor } from './pickled-tensor.ts';

/** Keys under which training scripts save the weights, beside the epoch, the losses and the optimizer. The first one wins. */
const NESTED_KEYS = ['model_state_dict', 'state_dict', 'model'];
/** torch.nn.DataParallel wraps the model in a module of this name. */
const PARALLEL_PREFIX = 'module.';

/**
 * Finds the weights of a checkpoint: the dict under one of the names above if it has tensors, else the top level itself. A
 * nested dict comes first, because a training state may have a tensor (a loss) at its top level.
 * @throws WeightsError where there is none, or where it holds anything but tensors by name
 */
export function findStateDict(root: PickleValue, file: string): ReadonlyMap<string, PickledTensor> {
  if (!(root instanceof PickleDict))
    throw new WeightsError(`${file} holds ${describePickleValue(root)}, not a state dict`);
  assertUniqueKeys(root, 'the top level', file);
  for (const name of NESTED_KEYS) {
    const nested = root.entries.get(name);
    if (nested instanceof PickleDict && hasTensors(nested))
      return stripParallelPrefix(collectTensors(nested, name, file));
  }
  if (hasTensors(root)) return stripParallelPrefix(collectTensors(root, 'the top level', file));
  throw new WeightsError(`${file} holds no state dict: no tensors at the top level or under ${NESTED_KEYS.join(', ')}`);
}

function hasTensors(dict: PickleDict): boolean {
  return [...dict.entries.values()].some((value) => value instanceof PickledTensor);
}

function collectTensors(dict: PickleDict, where: string, file: string): Map<string, PickledTensor> {
  assertUniqueKeys(dict, where, file);
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of dict.entries) {
    if (typeof key !== 'string') throw new WeightsError(`${file}: ${where} has ${describePickleValue(key)} as a key`);
    if (!(value instanceof PickledTensor)) {
      throw new WeightsError(
        `${file}: "${escapeControlCharacters(key)}" is ${describePickleValue(value)}, expected a dense tensor`,
      );
    }
    tensors.set(key, value);
  }
  return tensors;
}

function assertUniqueKeys({ repeatedKey }: PickleDict, where: string, file: string): void {
  if (repeatedKey === undefined) return;
  const key =
    typeof repeatedKey === 'string' ? `"${escapeControlCharacters(repeatedKey)}"` : describePickleValue(repeatedKey);
  throw new WeightsError(`${file}: ${where} has the key ${key} twice`);
}

/** Strips the prefix only where every key has it: a model may have a part of that name. */
function stripParallelPrefix(tensors: Map<string, PickledTensor>): ReadonlyMap<string, PickledTensor> {
  if (![...tensors.keys()].every((key) => key.startsWith(PARALLEL_PREFIX))) return tensors;
  return new Map([...tensors].map(([key, tensor]) => [key.slice(PARALLEL_PREFIX.length), tensor]));
}
