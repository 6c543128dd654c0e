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
export function countLayers(weights: WeightSource, layerKey: (layer: number) => string): number {
  let count = 0;
  while (weights.has(layerKey(count))) count++;
  if (count === 0) weights.shape(layerKey(0));
  return count;
}

/** @throws WeightsError where a width cannot be shared out evenly */
export function assertHeadsDivide(heads: number, width: number, label: string): void {
  if (width % heads !== 0) throw new WeightsError(`${heads} ${label} heads do not divide the width ${width}`);
}
