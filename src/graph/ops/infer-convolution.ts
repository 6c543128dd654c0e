import { type Dim, multiplyDims } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import type { Attributes, Padding } from './attributes.ts';
import { equalDims, floating, Misfit, rank, sameDtype, typeOf } from './expect.ts';

type Inputs = readonly (Value | undefined)[];

/** (b, c, h, w) with weights (o, c / group, kh, kw) -> (b, o, h', w') */
export function conv(inputs: Inputs, attributes: Attributes['Conv']): TensorType[] {
  const x = rank(floating(typeOf(inputs, 0)), 4);
  const weight = rank(floating(typeOf(inputs, 1)), 4);
  const [batch, channels, height, width] = x.shape as readonly [Dim, Dim, Dim, Dim];
  const [out, perGroup, kernelHeight, kernelWidth] = weight.shape as readonly [Dim, Dim, number, number];
  equalDims(channels, multiplyDims([perGroup, attributes.group]), 'the channels of input and weights');
  divided(out, attributes.group);
  if (inputs[2] !== undefined) equalDims(typeOf(inputs, 2).shape[0], out, 'the sizes of bias and output');
  const sizes = [
    windowed(
      height,
      reach(kernelHeight, attributes.dilations[0]),
      attributes.strides[0],
      axisPadding(attributes.padding, 0),
    ),
    windowed(
      width,
      reach(kernelWidth, attributes.dilations[1]),
      attributes.strides[1],
      axisPadding(attributes.padding, 1),
    ),
  ];
  const operands = inputs.filter((value) => value !== undefined).map((value) => value.type);
  return [tensorType(sameDtype(operands), [batch, out, ...sizes])];
}

/** The reverse: (b, o, h', w') with weights (o, c / group, kh, kw) -> (b, c, h, w) */
export function convTranspose(inputs: Inputs, attributes: Attributes['ConvTranspose']): TensorType[] {
  const x = rank(floating(typeOf(inputs, 0)), 4);
  const weight = rank(floating(typeOf(inputs, 1)), 4);
  equalDims(x.shape[1], weight.shape[0], 'the channels of input and weights');
  divided(x.shape[1]!, attributes.group);
  const sizes = ([0, 1] as const).map((axis) => {
    const size = x.shape[axis + 2];
    if (typeof size !== 'number') throw new Misfit(`the size of axis ${axis + 2} is unknown`);
    const { strides, padding, outputPadding } = attributes;
    const kernel = weight.shape[axis + 2] as number;
    return (size - 1) * strides[axis] + kernel - padding[axis] - padding[axis + 2]! + outputPadding[axis];
  });
  const channels = (weight.shape[1] as number) * attributes.group;
  return [tensorType(sameDtype([x, weight]), [x.shape[0]!, channels, ...sizes])];
}

function divided(channels: Dim, group: number): void {
  if (typeof channels === 'number' && channels % group !== 0) {
    throw new Misfit(`${group} groups do not divide ${channels} channels`);
  }
}

/** Of a kernel whose elements stand apart */
function reach(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
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

/** (b, c, h, w) -> (b, c, h', w'), and where in the whole flattened input each maximum is */
export function maxPool(inputs: Inputs, { kernel, strides, padding }: Attributes['MaxPool']): TensorType[] {
  const { dtype, shape } = rank(floating(typeOf(inputs, 0)), 4);
  const sizes = shape.slice(2).map((size, at) => {
    const axis = at as 0 | 1;
    return windowed(size, kernel[axis], strides[axis], axisPadding(padding, axis));
  });
  const pooled = [...shape.slice(0, 2), ...sizes];
  return [tensorType(dtype, pooled), tensorType('int64', pooled)];
}
