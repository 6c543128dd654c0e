import { broadcastShapes, sameShape } from '../shape.ts';
import { type NodeInputs, type OutputTypes, tensorType } from '../value.ts';
import {
  constantData,
  expectDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  normalizeAxes,
  normalizeAxis,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

export function reduce(
  [{ type: x }, axesInput]: NodeInputs<'ReduceSum'>,
  { keepdims }: Attributes['ReduceSum'],
): OutputTypes<'ReduceSum'> {
  const axes = normalizeAxes(constantData(axesInput, 1), x.shape.length);
  // ONNX reads no axes as all of them.
  if (axes.size === 0) throw new ShapeInferenceError('at least one axis is needed');
  const shape = keepdims
    ? x.shape.map((dim, axis) => (axes.has(axis) ? 1 : dim))
    : x.shape.filter((_, axis) => !axes.has(axis));
  return [tensorType(x.dtype, shape)];
}

export function globalAveragePool([{ type }]: NodeInputs<'GlobalAveragePool'>): OutputTypes<'GlobalAveragePool'> {
  const x = expectFloating(type);
  if (x.shape.length < 3) throw new ShapeInferenceError('expected (batch, channels, size…)');
  return [tensorType(x.dtype, [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)])];
}

/**
 * The same shape; then mean and 1 / standard deviation, with ones for the axes that were normalised. Those two are float32
 * whatever x is: ONNX's stash_type.
 */
export function layerNormalization(
  [{ type }, ...vectors]: NodeInputs<'LayerNormalization'>,
  { axis }: Attributes['LayerNormalization'],
): OutputTypes<'LayerNormalization'> {
  const x = expectFloating(type);
  const normalised = x.shape.slice(normalizeAxis(axis, x.shape.length));
  for (const vector of vectors) {
    const shape = broadcastShapes([expectDtype(vector.type, x.dtype).shape, normalised]);
    if (shape === undefined || !sameShape(shape, normalised))
      throw new ShapeInferenceError('scale or bias does not fit');
  }
  const outerDims = x.shape.slice(0, x.shape.length - normalised.length);
  const statistics = tensorType('float32', [...outerDims, ...normalised.map(() => 1)]);
  return [x, statistics, statistics];
}

/** The form for inference, whose statistics are inputs: (b, c, …) with four vectors of c. */
export function batchNormalization([
  { type },
  ...vectors
]: NodeInputs<'BatchNormalization'>): OutputTypes<'BatchNormalization'> {
  const x = expectFloating(type);
  for (const vector of vectors) {
    const [size] = expectRank(expectFloating(vector.type), 1).shape;
    expectEqualDims(size, x.shape[1], 'the channels of input and statistics');
  }
  return [x];
}
