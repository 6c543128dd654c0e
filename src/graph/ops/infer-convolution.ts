import { type Dim, multiplyDims } from '../shape.ts';
import { type NodeInputs, type OutputTypes, tensorType } from '../value.ts';
import {
  commonDtype,
  expectEqualDims,
  expectFloating,
  expectRank,
  knownSize,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes, HeightWidth, Padding, Pads } from './op-attributes.ts';

type AxisPadding = number | 'same';

/** (b, c, h, w) with weights (o, c / group, kh, kw) -> (b, o, h', w') */
export function conv(
  [{ type: inputType }, { type: weightType }, bias]: NodeInputs<'Conv'>,
  { strides, dilations, group, padding }: Attributes['Conv'],
): OutputTypes<'Conv'> {
  const x = expectRank(expectFloating(inputType), 4);
  const weight = expectRank(expectFloating(weightType), 4);
  const [batch, channels, height, width] = x.shape;
  const [outChannels, channelsPerGroup] = weight.shape;
  expectEqualDims(channels, multiplyDims([channelsPerGroup, group]), 'the channels of input and weights');
  expectDivisible(outChannels, group);
  if (bias !== undefined) expectEqualDims(bias.type.shape[0], outChannels, 'the sizes of bias and output');
  const kernelHeight = effectiveKernelSize(knownSize(weight.shape, 2), dilations[0]);
  const kernelWidth = effectiveKernelSize(knownSize(weight.shape, 3), dilations[1]);
  const [verticalPadding, horizontalPadding] = totalPadding(padding);
  const sizes = [
    outputSize(height, kernelHeight, strides[0], verticalPadding),
    outputSize(width, kernelWidth, strides[1], horizontalPadding),
  ];
  const dtype = commonDtype(bias === undefined ? [x, weight] : [x, weight, bias.type]);
  return [tensorType(dtype, [batch, outChannels, ...sizes])];
}

/** The reverse of Conv: (b, o, h', w') with weights (o, c / group, kh, kw) -> (b, c, h, w) */
export function convTranspose(
  [{ type: inputType }, { type: weightType }]: NodeInputs<'ConvTranspose'>,
  { strides, group, padding, outputPadding }: Attributes['ConvTranspose'],
): OutputTypes<'ConvTranspose'> {
  const x = expectRank(expectFloating(inputType), 4);
  const weight = expectRank(expectFloating(weightType), 4);
  const [batch, channels] = x.shape;
  expectEqualDims(channels, weight.shape[0], 'the channels of input and weights');
  expectDivisible(channels, group);
  const pads = sumPads(padding);
  const sizes = ([0, 1] as const).map((axis) => {
    const reached = (knownSize(x.shape, axis + 2) - 1) * strides[axis] + knownSize(weight.shape, axis + 2);
    return reached - pads[axis] + outputPadding[axis];
  });
  const outChannels = knownSize(weight.shape, 1) * group;
  return [tensorType(commonDtype([x, weight]), [batch, outChannels, ...sizes])];
}

/** (b, c, h, w) -> (b, c, h', w'), and the index of each maximum in the whole flattened input */
export function maxPool(
  [{ type }]: NodeInputs<'MaxPool'>,
  { kernel, strides, padding }: Attributes['MaxPool'],
): OutputTypes<'MaxPool'> {
  const x = expectRank(expectFloating(type), 4);
  const [batch, channels, height, width] = x.shape;
  const [verticalPadding, horizontalPadding] = totalPadding(padding);
  const pooled = [
    batch,
    channels,
    outputSize(height, kernel[0], strides[0], verticalPadding),
    outputSize(width, kernel[1], strides[1], horizontalPadding),
  ];
  return [tensorType(x.dtype, pooled), tensorType('int64', pooled)];
}

function expectDivisible(channels: Dim, group: number): void {
  if (typeof channels === 'number' && channels % group !== 0) {
    throw new ShapeInferenceError(`${group} groups do not divide ${channels} channels`);
  }
}

/** The size of a kernel with the gaps that dilation makes between its elements. */
function effectiveKernelSize(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

function totalPadding(padding: Padding): readonly [AxisPadding, AxisPadding] {
  return padding === 'same' ? ['same', 'same'] : sumPads(padding);
}

function sumPads([top, left, bottom, right]: Pads): HeightWidth {
  return [top + bottom, left + right];
}

function outputSize(size: Dim, kernel: number, stride: number, padding: AxisPadding): Dim {
  if (typeof size === 'string') return `(${size.replaceAll('*', '·')};${kernel};${stride};${padding})`;
  if (padding === 'same') return Math.ceil(size / stride);
  if (size + padding < kernel)
    throw new ShapeInferenceError(`the kernel of ${kernel} does not fit ${size} + ${padding}`);
  return Math.floor((size + padding - kernel) / stride) + 1;
}
