import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import type { TensorName } from '../weights-file.ts';
import { describePickleValue, PickleDict, PickleUnreadableTensor, type PickleValue } from './pickle-values.ts';
import { PickledTensor } from './pickled-tensor.ts';

/** Bounds of what a small hostile file can ask for: a chain of dicts, or one long name in many of them. */
const MAX_DEPTH = 16;
const MAX_NAME_CHARACTERS = 1 << 26;

export interface CheckpointEntry extends TensorName {
  readonly tensor: PickledTensor | PickleUnreadableTensor;
}

export interface CheckpointEntries {
  readonly entries: ReadonlyMap<string, CheckpointEntry>;
  readonly others: readonly string[];
}

/**
 * Collects the tensors of a checkpoint from the top level and all nested dicts. A dict that is there twice is read once: files
 * can share values, and a small hostile one could share them without end. Dicts in many others are left out.
 * @throws WeightsError where the top level is no dict, no dict has a tensor, or two tensors have the same name
 */
export function collectEntries(root: PickleValue, file: string): CheckpointEntries {
  if (!(root instanceof PickleDict))
    throw new WeightsError(`${file} holds ${describePickleValue(root)}, not a state dict`);
  const entries = new Map<string, CheckpointEntry>();
  const others: string[] = [];
  const queue = [{ dict: root, prefix: '', depth: 0 }];
  const seen = new Set<PickleDict>([root]);
  let characters = 0;
  for (const { dict, prefix, depth } of queue) {
    assertUniqueKeys(dict, prefix, file);
    for (const [name, value] of dict.entries) {
      const key = prefix + describeKey(name);
      characters += key.length;
      if (characters > MAX_NAME_CHARACTERS) throw new WeightsError(`${file} has too many names, or too long ones`);
      if (value instanceof PickledTensor || value instanceof PickleUnreadableTensor) {
        if (entries.has(key)) throw new WeightsError(`${file} has the key "${escapeControlCharacters(key)}" twice`);
        entries.set(key, { key, dict: prefix, tensor: value });
      } else if (!(value instanceof PickleDict) || depth === MAX_DEPTH) {
        others.push(key);
      } else if (!seen.has(value)) {
        seen.add(value);
        queue.push({ dict: value, prefix: `${key}.`, depth: depth + 1 });
      }
    }
  }
  if (entries.size === 0) throw new WeightsError(`${file} holds no state dict: there are no tensors in it`);
  return { entries, others };
}

function describeKey(key: PickleValue): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : `(${describePickleValue(key)})`;
}

function assertUniqueKeys({ repeatedKey }: PickleDict, prefix: string, file: string): void {
  if (repeatedKey === undefined) return;
  const key = escapeControlCharacters(prefix + describeKey(repeatedKey));
  throw new WeightsError(`${file} has the key "${key}" twice`);
}
