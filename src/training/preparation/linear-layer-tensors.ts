import { elementCount } from '../../graph/shape.ts';
import { CounterRandom } from '../../util/counter-random.ts';
import { float32Tensor, type Tensor } from '../../weights/tensor.ts';

/** Weight and bias of a linear layer as nn.Linear initialises them: uniform within 1 / sqrt(inputs). */
export function linearLayerTensors(key: string, outputs: number, inputs: number, seed: number): [string, Tensor][] {
  return [
    [`${key}.weight`, uniformTensor([outputs, inputs], inputs, new CounterRandom(seed, key, 'weight'))],
    [`${key}.bias`, uniformTensor([outputs], inputs, new CounterRandom(seed, key, 'bias'))],
  ];
}

function uniformTensor(shape: readonly number[], inputs: number, random: CounterRandom): Tensor {
  const bound = 1 / Math.sqrt(inputs);
  const values = Float32Array.from({ length: elementCount(shape) }, (_, i) => (2 * random.uniform(i) - 1) * bound);
  return float32Tensor(shape, values);
}
