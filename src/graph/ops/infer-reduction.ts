import { broadcastShapes, sameShape } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  constantData,
  expectDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  inputType,
  normalizeAxes,
  normalizeAxis,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

type Inputs = readonly (Value | undefined)[];

export function reduce(inputs: Inputs, { keepdims }: Attributes['ReduceSum']): TensorType[] {
  const x = inputType(inputs, 0);
  const axes = normalizeAxes(constantData(inputs, 1), x.shape.length);
  // ONNX reads no axes as all of them.
  if (axes.size === 0) throw new ShapeInferenceError('at least one axis is needed');
  const shape = keepdims
    ? x.shape.map((dim, axis) => (axes.has(axis) ? 1 : dim))
    : x.shape.filter((_, axis) => !axes.has(axis));
  return [tensorType(x.dtype, shape)];
}

export function globalAveragePool(inputs: Inputs): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  if (x.shape.length < 3) throw new ShapeInferenceError('expected (batch, channels, size…)');
  return [tensorType(x.dtype, [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)])];
}

/**
 * The same shape; then mean and 1 / standard deviation, with ones for the axes that were normalised. Those two are float32
 * whatever x is: ONNX's stash_type.
 */
export function layerNormalization(inputs: Inputs, { axis }: Attributes['LayerNormalization']): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  const normalised = x.shape.slice(normalizeAxis(axis, x.shape.length));
  for (let i = 1; i < inputs.length; i++) {
    const vector = expectDtype(inputType(inputs, i), x.dtype);
    const shape = broadcastShapes([vector.shape, normalised]);
    if (shape === undefined || !sameShape(shape, normalised))
      throw new ShapeInferenceError('scale or bias does not fit');
  }
  const outerDims = x.shape.slice(0, x.shape.length - normalised.length);
  const statistics = tensorType('float32', [...outerDims, ...normalised.map(() => 1)]);
  return [x, statistics, statistics];
}

/** Inference form: statistics are inputs. (b, c, …) with four vectors of c. */
export function batchNormalization(inputs: Inputs): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  for (let i = 1; i <= 4; i++) {
    const vector = expectRank(expectFloating(inputType(inputs, i)), 1);
    expectEqualDims(vector.shape[0], x.shape[1], 'the channels of input and statistics');
  }
  return [x];
}
