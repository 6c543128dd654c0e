import { sameShape } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  expectDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  inputType,
  ShapeInferenceError,
} from './input-checks.ts';

/** Rules of ONNX Runtime's own operators, as github.com/microsoft/onnxruntime describes them in ContribOperators.md. */
type Inputs = readonly (Value | undefined)[];

/** (…, d) with a bias (d) */
export function biasGelu(inputs: Inputs): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  const bias = expectRank(expectDtype(inputType(inputs, 1), x.dtype), 1);
  expectEqualDims(bias.shape[0], x.shape.at(-1), 'the sizes of input and bias');
  return [x];
}

/**
 * query (b, s, d), key and value (b, t, d), bias (3 d) and, where given, a key padding mask int32 (b, t), ones for what
 * is attended to -> (b, s, d)
 */
export function multiHeadAttention(inputs: Inputs, { numHeads }: { numHeads: number }): TensorType[] {
  const [query, key, value] = [0, 1, 2].map((i) => expectRank(expectFloating(inputType(inputs, i)), 3)) as [
    TensorType,
    TensorType,
    TensorType,
  ];
  if (!sameShape(key.shape, value.shape)) throw new ShapeInferenceError('key and value differ in shape');
  expectEqualDims(query.shape[0], key.shape[0], 'the batches of query and key');
  expectEqualDims(query.shape[2], key.shape[2], 'the widths of query and key');
  const width = query.shape[2] as number;
  if (width % numHeads !== 0) throw new ShapeInferenceError(`${numHeads} heads do not divide ${width}`);
  if (inputs[3] !== undefined)
    expectEqualDims(inputType(inputs, 3).shape[0], 3 * width, 'the sizes of bias and three projections');
  if (inputs[4] !== undefined && !sameShape(expectDtype(inputType(inputs, 4), 'int32').shape, key.shape.slice(0, 2))) {
    throw new ShapeInferenceError('the mask does not fit the keys');
  }
  return [tensorType(commonDtype([query, key, value]), query.shape)];
}

/**
 * input and skip (…, d), gamma, beta and bias (d) -> LayerNormalization of their sum (…, d), two outputs that inference
 * leaves empty, and the sum itself (…, d)
 */
export function skipLayerNormalization(inputs: Inputs): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  if (!sameShape(expectDtype(inputType(inputs, 1), x.dtype).shape, x.shape))
    throw new ShapeInferenceError('input and skip differ in shape');
  for (let i = 2; i < inputs.length; i++) {
    expectEqualDims(
      expectRank(expectDtype(inputType(inputs, i), x.dtype), 1).shape[0],
      x.shape.at(-1),
      'the sizes of input and vector',
    );
  }
  const statistics = tensorType('float32', [...x.shape.slice(0, -1), 1]);
  return [x, statistics, statistics, x];
}

/** (…, k) x int8 (k, n) with scales (n), zero points (n) and a bias (n) -> (…, n); the left side is quantised at run time */
export function dynamicQuantizeMatMul(inputs: Inputs): TensorType[] {
  const a = expectDtype(inputType(inputs, 0), 'float32');
  const b = expectRank(expectDtype(inputType(inputs, 1), 'int8'), 2);
  expectEqualDims(a.shape.at(-1), b.shape[0], 'the inner sizes');
  for (const i of [2, 3, 4]) {
    if (inputs[i] !== undefined) expectEqualDims(inputType(inputs, i).shape[0], b.shape[1], 'the columns');
  }
  return [tensorType('float32', [...a.shape.slice(0, -1), b.shape[1]!])];
}
