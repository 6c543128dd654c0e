import { WeightsError } from '../weights-error.ts';
import { legible } from './legible.ts';
import { describe, PickleDict, type PickleValue } from './pickle-values.ts';
import { PickledTensor } from './pickled-tensor.ts';

/** Where training scripts put the weights beside the epoch, the losses and the optimizer, by precedence. */
const NESTED = ['model_state_dict', 'state_dict', 'model'];
/** torch.nn.DataParallel wraps the model in a module of this name. */
const PARALLEL_PREFIX = 'module.';

/**
 * The weights of a checkpoint: the dict under one of the names above if it has tensors, else the top level itself. A
 * nested dict goes first, since a training state may well have a tensor (a loss) at its top level.
 * @throws WeightsError where there is none, or where it holds anything but tensors by name
 */
export function findStateDict(top: PickleValue, file: string): ReadonlyMap<string, PickledTensor> {
  if (!(top instanceof PickleDict)) throw new WeightsError(`${file} holds ${describe(top)}, not a state dict`);
  checkRepeated(top, 'the top level', file);
  for (const name of NESTED) {
    const nested = top.entries.get(name);
    if (nested instanceof PickleDict && hasTensors(nested)) return withoutPrefix(tensorsOf(nested, name, file));
  }
  if (hasTensors(top)) return withoutPrefix(tensorsOf(top, 'the top level', file));
  throw new WeightsError(`${file} holds no state dict: no tensors at the top level or under ${NESTED.join(', ')}`);
}

function hasTensors(dict: PickleDict): boolean {
  return [...dict.entries.values()].some((value) => value instanceof PickledTensor);
}

function tensorsOf(dict: PickleDict, where: string, file: string): Map<string, PickledTensor> {
  checkRepeated(dict, where, file);
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of dict.entries) {
    if (typeof key !== 'string') throw new WeightsError(`${file}: ${where} has ${describe(key)} as a key`);
    if (!(value instanceof PickledTensor)) {
      throw new WeightsError(`${file}: "${legible(key)}" is ${describe(value)}, expected a dense tensor`);
    }
    tensors.set(key, value);
  }
  return tensors;
}

function checkRepeated({ repeated }: PickleDict, where: string, file: string): void {
  if (repeated === undefined) return;
  const key = typeof repeated === 'string' ? `"${legible(repeated)}"` : describe(repeated);
  throw new WeightsError(`${file}: ${where} has the key ${key} twice`);
}

/** Only where every key has it: a model may have a part of that name. */
function withoutPrefix(tensors: Map<string, PickledTensor>): ReadonlyMap<string, PickledTensor> {
  if (![...tensors.keys()].every((key) => key.startsWith(PARALLEL_PREFIX))) return tensors;
  return new Map([...tensors].map(([key, tensor]) => [key.slice(PARALLEL_PREFIX.length), tensor]));
}
