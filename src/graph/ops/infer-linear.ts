import { broadcastShapes, type Dim } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import type { Attributes, Padding } from './attributes.ts';
import { equalDims, floating, Misfit, rank, sameDtype, typeOf } from './expect.ts';

type Inputs = readonly (Value | undefined)[];

/** (…, m, k) x (…, k, n) -> (…, m, n) */
export function matMul(inputs: Inputs): TensorType[] {
  const a = floating(typeOf(inputs, 0));
  const b = floating(typeOf(inputs, 1));
  if (a.shape.length < 2 || b.shape.length < 2) throw new Misfit('both inputs need two dimensions or more');
  equalDims(a.shape.at(-1), b.shape.at(-2), 'the inner sizes');
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  if (batch === undefined) throw new Misfit('the leading dimensions do not broadcast');
  return [tensorType(sameDtype([a, b]), [...batch, a.shape.at(-2)!, b.shape.at(-1)!])];
}

/** (m, k) x (k, n) + (n) -> (m, n), each matrix transposed on request */
export function gemm(inputs: Inputs, { transA, transB }: Attributes['Gemm']): TensorType[] {
  const a = rank(floating(typeOf(inputs, 0)), 2);
  const b = rank(floating(typeOf(inputs, 1)), 2);
  const [m, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [k, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  equalDims(inner, k, 'the inner sizes');
  const types = [a, b];
  if (inputs[2] !== undefined) {
    const bias = typeOf(inputs, 2);
    if (!broadcastShapes([bias.shape, [m, n]])?.every((dim, axis) => dim === [m, n][axis])) {
      throw new Misfit('the bias does not broadcast to the product');
    }
    types.push(bias);
  }
  return [tensorType(sameDtype(types), [m, n])];
}

/** (b, c, h, w) with weights (o, c / group, kh, kw) -> (b, o, h', w') */
export function conv(inputs: Inputs, attributes: Attributes['Conv']): TensorType[] {
  const x = rank(floating(typeOf(inputs, 0)), 4);
  const weight = rank(floating(typeOf(inputs, 1)), 4);
  const [batch, channels, height, width] = x.shape as readonly [Dim, Dim, Dim, Dim];
  const [out, perGroup, kernelHeight, kernelWidth] = weight.shape as readonly [Dim, number, number, number];
  equalDims(channels, perGroup * attributes.group, 'the channels of input and weights');
  if (inputs[2] !== undefined) equalDims(typeOf(inputs, 2).shape[0], out, 'the sizes of bias and output');
  const sizes = [
    windowed(height, kernelHeight, attributes.strides[0], axisPadding(attributes.padding, 0)),
    windowed(width, kernelWidth, attributes.strides[1], axisPadding(attributes.padding, 1)),
  ];
  const operands = inputs.filter((value) => value !== undefined).map((value) => value.type);
  return [tensorType(sameDtype(operands), [batch, out, ...sizes])];
}

function axisPadding(padding: Padding, axis: 0 | 1): 'same' | number {
  return padding === 'same' ? 'same' : padding[axis] + padding[axis + 2]!;
}

function windowed(size: Dim, kernel: number, stride: number, padding: 'same' | number): Dim {
  if (typeof size === 'string') return `(${size.replaceAll('*', '·')};${kernel};${stride};${padding})`;
  if (padding === 'same') return Math.ceil(size / stride);
  if (size + padding < kernel) throw new Misfit(`the kernel of ${kernel} does not fit ${size} + ${padding}`);
  return Math.floor((size + padding - kernel) / stride) + 1;
}

/** Inference form: statistics are inputs. (b, c, …) with four vectors of c. */
export function batchNormalization(inputs: Inputs): TensorType[] {
  const x = floating(typeOf(inputs, 0));
  for (let at = 1; at <= 4; at++) {
    const vector = rank(floating(typeOf(inputs, at)), 1);
    equalDims(vector.shape[0], x.shape[1], 'the channels of input and statistics');
  }
  return [x];
}

/** (b, c, h, w) -> (b, c, h', w') */
export function maxPool(inputs: Inputs, { kernel, strides, padding }: Attributes['MaxPool']): TensorType[] {
  const { dtype, shape } = rank(floating(typeOf(inputs, 0)), 4);
  const sizes = shape.slice(2).map((size, at) => {
    const axis = at as 0 | 1;
    return windowed(size, kernel[axis], strides[axis], axisPadding(padding, axis));
  });
  return [tensorType(dtype, [...shape.slice(0, 2), ...sizes])];
}
