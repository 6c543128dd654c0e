import { RandomAccessFile } from '../random-access-file.ts';
import type { Tensor } from '../tensor.ts';
import { escapeControlCharacters, WeightsError } from '../weights-error.ts';
import type { WeightsFile } from '../weights-file.ts';
import { type CheckpointEntries, collectEntries } from './collect-entries.ts';
import { readPickle } from './pickle-reader.ts';
import { PickledTensor } from './pickled-tensor.ts';
import { TensorLoader } from './tensor-loader.ts';
import { openTorchArchive } from './torch-archive.ts';
import { torchResolvers } from './torch-resolvers.ts';

/**
 * Opens a file that torch.save wrote (PyTorch 1.6 and later): a state dict, or a training state that holds one. Nothing that
 * the file's pickle asks for is run; a name that is not allowed is refused wherever it occurs.
 * Tensors are row-major, with bfloat16 widened to float32; those that share a whole storage share its bytes. Only the
 * storages of the tensors that are loaded are read.
 * @throws WeightsError where the file is broken, hostile or of another kind
 */
export async function openPyTorch(file: string): Promise<WeightsFile> {
  await using source = await RandomAccessFile.open(file);
  const pickle = await (await openTorchArchive(source)).readPickle();
  const { entries, others } = collectEntries(readPickle(pickle, file, torchResolvers(file)), file);
  return {
    file,
    tensors: [...entries.values()],
    others,
    metadata: {},
    load: (keys) => loadTensors(file, entries, keys),
  };
}

async function loadTensors(
  file: string,
  entries: CheckpointEntries['entries'],
  keys: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
  await using source = await RandomAccessFile.open(file);
  const archive = await openTorchArchive(source);
  const loader = new TensorLoader(file, (key, byteLength) => archive.readStorage(key, byteLength));
  const tensors = new Map<string, Tensor>();
  for (const key of keys) {
    const tensor = entries.get(key)?.tensor;
    if (!(tensor instanceof PickledTensor)) {
      const problem = tensor === undefined ? 'is missing' : `is ${tensor.description}, expected a dense tensor`;
      throw new WeightsError(`${file}: "${escapeControlCharacters(key)}" ${problem}`);
    }
    tensors.set(key, await loader.load(key, tensor));
  }
  return tensors;
}
