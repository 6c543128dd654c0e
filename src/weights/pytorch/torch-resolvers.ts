import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import type { PickleResolvers } from './pickle-machine.ts';
import { describePickleValue, type PickleGlobal, PickleTuple, type PickleValue } from './pickle-values.ts';
import { PickledStorage, StorageClass } from './pickled-tensor.ts';
import { TORCH_GLOBALS } from './torch-globals.ts';

/** Resolves globals by the allow-list, and storages by their persistent ids. */
export function torchResolvers(file: string): PickleResolvers {
  return {
    resolveGlobal: (module, name) => findGlobal(`${module}.${name}`, file),
    resolvePersistentId: (id) => findStorage(id, file),
  };
}

function findGlobal(name: string, file: string): PickleGlobal {
  const global = TORCH_GLOBALS.get(name);
  if (global !== undefined) return global;
  if (/^torch\.nn\.(modules|parallel)\./.test(name)) {
    throw new WeightsError(
      `${file} holds a whole module (it asks for ${escapeControlCharacters(name)}): save model.state_dict() instead; nothing of it was run`,
    );
  }
  // A class of the user's own cannot be told from an attack, so the message helps with both.
  throw new WeightsError(
    `${file} asks for ${escapeControlCharacters(name)}, which is not allowed: nothing of it was run (a file of model.state_dict() alone asks for nothing like it)`,
  );
}

/**
 * Reads `('storage', class, key, location, elements)`, as torch.save writes it (torch/serialization.py, `_save`). Files of
 * PyTorch 1.6 and older may add a view, which is None in the zip format.
 */
function findStorage(id: PickleValue, file: string): PickledStorage {
  if (!(id instanceof PickleTuple)) throw new WeightsError(`${file}: ${describePickleValue(id)} as a persistent id`);
  const [kind, storageClass, key, , numElements] = id.items;
  if (kind !== 'storage') throw new WeightsError(`${file}: a persistent id that is no storage`);
  if (!(storageClass instanceof StorageClass)) throw new WeightsError(`${file}: a storage without a storage class`);
  if (typeof key !== 'string') throw new WeightsError(`${file}: a storage whose key is no string`);
  if (typeof numElements !== 'number' || !Number.isSafeInteger(numElements) || numElements < 0) {
    throw new WeightsError(`${file}: the storage "${escapeControlCharacters(key)}" has no number of elements`);
  }
  if ((id.items[5] ?? null) !== null)
    throw new WeightsError(`${file}: the storage "${escapeControlCharacters(key)}" is a view`);
  return new PickledStorage(key, storageClass.element, numElements);
}
