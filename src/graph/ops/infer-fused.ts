/** Rules of ONNX Runtime's own operators, as github.com/microsoft/onnxruntime describes them in ContribOperators.md. */
import { sameShape } from '../shape.ts';
import { type NodeInputs, type OutputTypes, type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  expectDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  knownSize,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

/** (…, d) with a bias (d) */
export function biasGelu([input, { type: biasType }]: readonly [x: Value, bias: Value]): [TensorType] {
  const x = expectFloating(input.type);
  const bias = expectRank(expectDtype(biasType, x.dtype), 1);
  expectEqualDims(bias.shape[0], x.shape.at(-1), 'the sizes of input and bias');
  return [x];
}

/**
 * query (b, s, d), key and value (b, t, d), bias (3 d) and, where given, a key padding mask int32 (b, t), ones for what
 * is attended to -> (b, s, d)
 */
export function multiHeadAttention(
  [queryInput, keyInput, valueInput, bias, mask]: NodeInputs<'MultiHeadAttention'>,
  { numHeads }: Attributes['MultiHeadAttention'],
): OutputTypes<'MultiHeadAttention'> {
  const query = expectRank(expectFloating(queryInput.type), 3);
  const key = expectRank(expectFloating(keyInput.type), 3);
  const value = expectRank(expectFloating(valueInput.type), 3);
  if (!sameShape(key.shape, value.shape)) throw new ShapeInferenceError('key and value differ in shape');
  expectEqualDims(query.shape[0], key.shape[0], 'the batches of query and key');
  expectEqualDims(query.shape[2], key.shape[2], 'the widths of query and key');
  const width = knownSize(query.shape, 2);
  if (width % numHeads !== 0) throw new ShapeInferenceError(`${numHeads} heads do not divide ${width}`);
  if (bias !== undefined) expectEqualDims(bias.type.shape[0], 3 * width, 'the sizes of bias and three projections');
  if (mask !== undefined && !sameShape(expectDtype(mask.type, 'int32').shape, key.shape.slice(0, 2))) {
    throw new ShapeInferenceError('the mask does not fit the keys');
  }
  return [tensorType(commonDtype([query, key, value]), query.shape)];
}

/**
 * input and skip (…, d), gamma, beta and bias (d) -> LayerNormalization of their sum (…, d), two outputs that inference
 * leaves empty, and the sum itself (…, d)
 */
export function skipLayerNormalization([
  input,
  skip,
  ...vectors
]: NodeInputs<'SkipLayerNormalization'>): OutputTypes<'SkipLayerNormalization'> {
  const x = expectFloating(input.type);
  if (!sameShape(expectDtype(skip.type, x.dtype).shape, x.shape))
    throw new ShapeInferenceError('input and skip differ in shape');
  for (const { type } of vectors) {
    const [size] = expectRank(expectDtype(type, x.dtype), 1).shape;
    expectEqualDims(size, x.shape.at(-1), 'the sizes of input and vector');
  }
  const statistics = tensorType('float32', [...x.shape.slice(0, -1), 1]);
  return [x, statistics, statistics, x];
}

/**
 * (…, k) x int8 (k, n) with scales (n), zero points (n) and a bias (n) -> (…, n). The left side is quantised at run time.
 */
export function dynamicQuantizeMatMul([
  left,
  right,
  ...columns
]: NodeInputs<'DynamicQuantizeMatMul'>): OutputTypes<'DynamicQuantizeMatMul'> {
  const a = expectDtype(left.type, 'float32');
  const b = expectRank(expectDtype(right.type, 'int8'), 2);
  expectEqualDims(a.shape.at(-1), b.shape[0], 'the inner sizes');
  for (const vector of columns) {
    if (vector !== undefined) expectEqualDims(vector.type.shape[0], b.shape[1], 'the columns');
  }
  return [tensorType('float32', [...a.shape.slice(0, -1), b.shape[1]])];
}
