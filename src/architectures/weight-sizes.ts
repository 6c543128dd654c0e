import { formatShape } from '../graph/shape.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import { WeightsError } from '../weights/weights-error.ts';

/** Size of a weight along an axis. @throws WeightsError if the weight is missing, has no such axis, or is empty along it */
export function axisSize(weights: WeightSource, key: string, axis: number): number {
  const shape = weights.shape(key);
  const size = shape[axis];
  if (size === undefined || size < 1) throw new WeightsError(`"${key}" has the shape ${formatShape(shape)}`);
  return size;
}

/** Counts consecutive layers from 0. @throws WeightsError if there is none */
export function countLayers(weights: WeightSource, layerKey: (layer: number) => string): number {
  let count = 0;
  while (weights.has(layerKey(count))) count++;
  if (count === 0) weights.shape(layerKey(0));
  return count;
}

/** @throws WeightsError if the heads cannot share the width evenly */
export function assertHeadsDivide(heads: number, width: number, label: string): void {
  if (width % heads !== 0) throw new WeightsError(`${heads} ${label} heads do not divide the width ${width}`);
}
