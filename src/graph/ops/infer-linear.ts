import { broadcastShapes, sameShape } from '../shape.ts';
import { type NodeInputs, type OutputTypes, tensorType } from '../value.ts';
import { commonDtype, expectEqualDims, expectFloating, expectRank, ShapeInferenceError } from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

/** (…, m, k) x (…, k, n) -> (…, m, n) */
export function matMul([left, right]: NodeInputs<'MatMul'>): OutputTypes<'MatMul'> {
  const a = expectFloating(left.type);
  const b = expectFloating(right.type);
  const [rows, innerA] = a.shape.slice(-2);
  const [innerB, columns] = b.shape.slice(-2);
  if (rows === undefined || innerA === undefined || innerB === undefined || columns === undefined)
    throw new ShapeInferenceError('both inputs need two dimensions or more');
  expectEqualDims(innerA, innerB, 'the inner sizes');
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  if (batch === undefined) throw new ShapeInferenceError('the leading dimensions do not broadcast');
  return [tensorType(commonDtype([a, b]), [...batch, rows, columns])];
}

/** (m, k) x (k, n) + (n) -> (m, n). Either matrix may be stored transposed. */
export function gemm(
  [left, right, bias]: NodeInputs<'Gemm'>,
  { transA, transB }: Attributes['Gemm'],
): OutputTypes<'Gemm'> {
  const a = expectRank(expectFloating(left.type), 2);
  const b = expectRank(expectFloating(right.type), 2);
  const [m, innerA] = transA ? swap(a.shape) : a.shape;
  const [innerB, n] = transB ? swap(b.shape) : b.shape;
  expectEqualDims(innerA, innerB, 'the inner sizes');
  if (bias === undefined) return [tensorType(commonDtype([a, b]), [m, n])];
  const broadcast = broadcastShapes([bias.type.shape, [m, n]]);
  if (broadcast === undefined || !sameShape(broadcast, [m, n])) {
    throw new ShapeInferenceError('the bias does not broadcast to the product');
  }
  return [tensorType(commonDtype([a, b, bias.type]), [m, n])];
}

function swap<T>([first, second]: readonly [T, T]): [T, T] {
  return [second, first];
}
