import { broadcastShapes } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  inputType,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

type Inputs = readonly (Value | undefined)[];

/** (…, m, k) x (…, k, n) -> (…, m, n) */
export function matMul(inputs: Inputs): TensorType[] {
  const a = expectFloating(inputType(inputs, 0));
  const b = expectFloating(inputType(inputs, 1));
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new ShapeInferenceError('both inputs need two dimensions or more');
  expectEqualDims(a.shape.at(-1), b.shape.at(-2), 'the inner sizes');
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  if (batch === undefined) throw new ShapeInferenceError('the leading dimensions do not broadcast');
  return [tensorType(commonDtype([a, b]), [...batch, a.shape.at(-2)!, b.shape.at(-1)!])];
}

/** (m, k) x (k, n) + (n) -> (m, n), each matrix transposed on request */
export function gemm(inputs: Inputs, { transA, transB }: Attributes['Gemm']): TensorType[] {
  const a = expectRank(expectFloating(inputType(inputs, 0)), 2);
  const b = expectRank(expectFloating(inputType(inputs, 1)), 2);
  const [m, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [k, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  expectEqualDims(inner, k, 'the inner sizes');
  const types = [a, b];
  if (inputs[2] !== undefined) {
    const bias = inputType(inputs, 2);
    if (!broadcastShapes([bias.shape, [m, n]])?.every((dim, axis) => dim === [m, n][axis])) {
      throw new ShapeInferenceError('the bias does not broadcast to the product');
    }
    types.push(bias);
  }
  return [tensorType(commonDtype(types), [m, n])];
}
