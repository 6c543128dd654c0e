import type { Tensor } from '../../weights/tensor.ts';
import { float32Tensor, float32View } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';

/** Steps until the average forgets its beginning as slowly as its decay says, as in other trainers. */
const WARMUP_STEPS = 10;

/** An exponential moving average of the weights and running statistics of a training. */
export class WeightAverage {
  readonly #decay: number;
  readonly #averages: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

  /** @param weights before the first step */
  constructor(decay: number, weights: ReadonlyMap<string, Tensor>) {
    this.#decay = decay;
    this.#averages = new Map(
      [...weights].map(([key, tensor]) => [key, { shape: tensor.shape, values: float32View(tensor).slice() }]),
    );
  }

  /** @param weights after a step that changed them @param updates such steps so far */
  update(weights: ReadonlyMap<string, Tensor>, updates: number): void {
    const share = 1 - Math.min(this.#decay, (1 + updates) / (WARMUP_STEPS + updates));
    for (const [key, { values }] of this.#averages) {
      const current = requireValues(weights, key);
      for (let i = 0; i < values.length; i++) {
        const value = values[i] ?? 0;
        values[i] = value + share * ((current[i] ?? 0) - value);
      }
    }
  }

  /** Views, which the next update changes. */
  weights(): Map<string, Tensor> {
    return new Map([...this.#averages].map(([key, { shape, values }]) => [key, float32Tensor(shape, values)]));
  }

  /** @throws WeightsError where one is missing */
  restore(averages: ReadonlyMap<string, Tensor>): void {
    for (const [key, { values }] of this.#averages) values.set(requireValues(averages, key));
  }
}

function requireValues(tensors: ReadonlyMap<string, Tensor>, key: string): Float32Array {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new WeightsError(`the checkpoint lacks the average of "${key}"`);
  return float32View(tensor);
}
