import { RandomAccessFile } from '../random-access-file.ts';
import type { Tensor } from '../tensor.ts';
import { findStateDict } from './find-state-dict.ts';
import { readPickle } from './pickle-reader.ts';
import { TensorLoader } from './tensor-loader.ts';
import { openTorchArchive } from './torch-archive.ts';
import { torchResolvers } from './torch-resolvers.ts';

export interface PyTorchCheckpoint {
  /** The weights by the keys of the state dict, in its order. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * Reads the weights of a file that torch.save wrote (PyTorch 1.6 and later): a state dict, or a training state that
 * holds one under `model_state_dict`, `state_dict` or `model`. Nothing that the file's pickle asks for is run.
 * Tensors are row-major, with bfloat16 widened to float32; those that share a whole storage share its bytes. Only the
 * storages of the weights are read, but a name that is not allowed is refused wherever it occurs.
 * @throws WeightsError where the file is broken, hostile or of another kind
 */
export async function readPyTorch(file: string): Promise<PyTorchCheckpoint> {
  await using source = await RandomAccessFile.open(file);
  const archive = await openTorchArchive(source);
  const weights = findStateDict(readPickle(await archive.readPickle(), file, torchResolvers(file)), file);
  const loader = new TensorLoader(file, (key, byteLength) => archive.readStorage(key, byteLength));
  const tensors = new Map<string, Tensor>();
  for (const [key, tensor] of weights) tensors.set(key, await loader.load(key, tensor));
  return { tensors };
}
