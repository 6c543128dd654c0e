import { openPyTorch } from '../../../src/weights/pytorch/open-pytorch.ts';
import type { Tensor } from '../../../src/weights/tensor.ts';

/** The tensors below a prefix, by what follows it. */
export async function readTensors(file: string, prefix = ''): Promise<Map<string, Tensor>> {
  const weights = await openPyTorch(file);
  const keys = weights.tensors.map(({ key }) => key).filter((key) => key.startsWith(prefix));
  const loaded = await weights.load(keys);
  return new Map([...loaded].map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}
