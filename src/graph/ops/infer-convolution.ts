import { type Dim, multiplyDims } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  inputType,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes, Padding } from './op-attributes.ts';

type Inputs = readonly (Value | undefined)[];

/** (b, c, h, w) with weights (o, c / group, kh, kw) -> (b, o, h', w') */
export function conv(inputs: Inputs, attributes: Attributes['Conv']): TensorType[] {
  const x = expectRank(expectFloating(inputType(inputs, 0)), 4);
  const weight = expectRank(expectFloating(inputType(inputs, 1)), 4);
  const [batch, channels, height, width] = x.shape as readonly [Dim, Dim, Dim, Dim];
  const [outChannels, channelsPerGroup, kernelHeight, kernelWidth] = weight.shape as readonly [
    Dim,
    Dim,
    number,
    number,
  ];
  expectEqualDims(channels, multiplyDims([channelsPerGroup, attributes.group]), 'the channels of input and weights');
  expectDivisible(outChannels, attributes.group);
  if (inputs[2] !== undefined)
    expectEqualDims(inputType(inputs, 2).shape[0], outChannels, 'the sizes of bias and output');
  const sizes = [
    outputSize(
      height,
      effectiveKernelSize(kernelHeight, attributes.dilations[0]),
      attributes.strides[0],
      totalPadding(attributes.padding, 0),
    ),
    outputSize(
      width,
      effectiveKernelSize(kernelWidth, attributes.dilations[1]),
      attributes.strides[1],
      totalPadding(attributes.padding, 1),
    ),
  ];
  const operands = inputs.filter((value) => value !== undefined).map((value) => value.type);
  return [tensorType(commonDtype(operands), [batch, outChannels, ...sizes])];
}

/** The reverse: (b, o, h', w') with weights (o, c / group, kh, kw) -> (b, c, h, w) */
export function convTranspose(inputs: Inputs, attributes: Attributes['ConvTranspose']): TensorType[] {
  const x = expectRank(expectFloating(inputType(inputs, 0)), 4);
  const weight = expectRank(expectFloating(inputType(inputs, 1)), 4);
  expectEqualDims(x.shape[1], weight.shape[0], 'the channels of input and weights');
  expectDivisible(x.shape[1]!, attributes.group);
  const sizes = ([0, 1] as const).map((axis) => {
    const size = x.shape[axis + 2];
    if (typeof size !== 'number') throw new ShapeInferenceError(`the size of axis ${axis + 2} is unknown`);
    const { strides, padding, outputPadding } = attributes;
    const kernel = weight.shape[axis + 2] as number;
    return (size - 1) * strides[axis] + kernel - padding[axis] - padding[axis + 2]! + outputPadding[axis];
  });
  const channels = (weight.shape[1] as number) * attributes.group;
  return [tensorType(commonDtype([x, weight]), [x.shape[0]!, channels, ...sizes])];
}

function expectDivisible(channels: Dim, group: number): void {
  if (typeof channels === 'number' && channels % group !== 0) {
    throw new ShapeInferenceError(`${group} groups do not divide ${channels} channels`);
  }
}

/** Of a kernel whose elements stand apart */
function effectiveKernelSize(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

function totalPadding(padding: Padding, axis: 0 | 1): 'same' | number {
  return padding === 'same' ? 'same' : padding[axis] + padding[axis + 2]!;
}

function outputSize(size: Dim, kernel: number, stride: number, padding: 'same' | number): Dim {
  if (typeof size === 'string') return `(${size.replaceAll('*', '·')};${kernel};${stride};${padding})`;
  if (padding === 'same') return Math.ceil(size / stride);
  if (size + padding < kernel)
    throw new ShapeInferenceError(`the kernel of ${kernel} does not fit ${size} + ${padding}`);
  return Math.floor((size + padding - kernel) / stride) + 1;
}

/** (b, c, h, w) -> (b, c, h', w'), and where in the whole flattened input each maximum is */
export function maxPool(inputs: Inputs, { kernel, strides, padding }: Attributes['MaxPool']): TensorType[] {
  const { dtype, shape } = expectRank(expectFloating(inputType(inputs, 0)), 4);
  const sizes = shape.slice(2).map((size, i) => {
    const axis = i as 0 | 1;
    return outputSize(size, kernel[axis], strides[axis], totalPadding(padding, axis));
  });
  const pooled = [...shape.slice(0, 2), ...sizes];
  return [tensorType(dtype, pooled), tensorType('int64', pooled)];
}
