import { formatShape } from '../../graph/shape.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';

/** Size of a weight along an axis. @throws WeightsError where there is none */
export function axisSize(weights: WeightSource, key: string, axis: number): number {
  const shape = weights.shape(key);
  const size = shape[axis];
  if (size === undefined || size < 1) throw new WeightsError(`"${key}" has the shape ${formatShape(shape)}`);
  return size;
}

/** How many layers there are in a row, from 0 on. @throws WeightsError where there is not even one */
export function countLayers(weights: WeightSource, keyOf: (layer: number) => string): number {
  let count = 0;
  while (weights.has(keyOf(count))) count++;
  if (count === 0) weights.shape(keyOf(0));
  return count;
}

/** @throws WeightsError where a width cannot be shared out evenly */
export function divides(heads: number, width: number, what: string): void {
  if (width % heads !== 0) throw new WeightsError(`${heads} ${what} heads do not divide the width ${width}`);
}
