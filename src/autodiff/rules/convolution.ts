import { knownSize } from '../../graph/ops/input-checks.ts';
import type { Attributes, HeightWidth, Pads } from '../../graph/ops/op-attributes.ts';
import {
  Conv,
  ConvTranspose,
  Div,
  ExpandLike,
  ReduceSum,
  Reshape,
  ScatterElements,
  Slice,
  Transpose,
} from '../../graph/ops/operators.ts';
import { formatShape } from '../../graph/shape.ts';
import type { Value } from '../../graph/value.ts';
import { GraphError } from '../../graph/value.ts';
import { type GradientRule, reductionSize, reshapeToMatch, zerosLike } from './gradient-rule.ts';

/** The sizes must be known, or the pixels beyond the last window are not known either. */
export const conv: GradientRule<'Conv'> = ({ inputs: [x, weight, bias], attributes, gradient }) => {
  const padding = resolvePadding(x, weight, attributes);
  return [
    inputGradient(x, weight, attributes, padding, gradient),
    weightGradient(x, weight, attributes, padding, gradient),
    ...(bias === undefined ? [] : [ReduceSum(gradient, [0, 2, 3], false)]),
  ];
};

/** Gives every output pixel's gradient back to the window that the pixel was made of. */
function inputGradient(
  x: Value,
  weight: Value,
  { strides, group }: Attributes['Conv'],
  padding: Pads,
  gradient: Value,
) {
  const [top, left, bottom, right] = padding;
  const [inputSize, kernelSize, outputSize] = [spatialSize(x), spatialSize(weight), spatialSize(gradient)];
  // ConvTranspose cannot see the pixels that the last window did not reach.
  const remainder = (axis: 0 | 1, pads: number) =>
    inputSize[axis] + pads - (outputSize[axis] - 1) * strides[axis] - kernelSize[axis];
  const outputPadding = [remainder(0, top + bottom), remainder(1, left + right)] as const;
  return ConvTranspose(gradient, weight, { strides, group, padding, outputPadding });
}

/**
 * Convolves the input with the gradient in the place of the kernel, whose elements are a stride apart, with rows and
 * channels exchanged: the sum over rows becomes the sum over channels.
 */
function weightGradient(
  x: Value,
  weight: Value,
  { strides, group }: Attributes['Conv'],
  padding: Pads,
  gradient: Value,
) {
  const windows = Conv(swapBatchAndChannels(x, group), Transpose(gradient, [1, 0, 2, 3]), undefined, {
    strides: [1, 1],
    dilations: strides,
    group,
    padding,
  });
  const cropped = Slice(windows, [0, 0], spatialSize(weight), [2, 3]);
  return Transpose(cropped, [1, 0, 2, 3]);
}

/** (n, g * c, h, w) -> (c, g * n, h, w) */
function swapBatchAndChannels(x: Value, group: number): Value {
  if (group === 1) return Transpose(x, [1, 0, 2, 3]);
  const [height, width] = spatialSize(x);
  const channels = knownSize(x.type.shape, 1) / group;
  const grouped = Reshape(x, [0, group, channels, height, width]);
  return Reshape(Transpose(grouped, [2, 1, 0, 3, 4]), [channels, -1, height, width]);
}

/** @throws GraphError where a size is not known */
function spatialSize(x: Value): HeightWidth {
  const [height, width] = x.type.shape.slice(2);
  if (typeof height === 'number' && typeof width === 'number') return [height, width];
  throw new GraphError(`a convolution over ${formatShape(x.type.shape)} has no gradient: its sizes must be known`);
}

/** Padding in numbers. By TensorFlow's rule it is as much as the output needs, and where that is odd, one more behind. */
function resolvePadding(x: Value, weight: Value, { strides, dilations, padding }: Attributes['Conv']): Pads {
  if (dilations.some((dilation) => dilation !== 1)) throw new GraphError('a dilated convolution has no gradient');
  if (padding !== 'same') return padding;
  const [inputSize, kernelSize] = [spatialSize(x), spatialSize(weight)];
  const total = (axis: 0 | 1) => {
    const windows = Math.ceil(inputSize[axis] / strides[axis]);
    return Math.max(0, (windows - 1) * strides[axis] + kernelSize[axis] - inputSize[axis]);
  };
  const [vertical, horizontal] = [total(0), total(1)];
  const [top, left] = [vertical >> 1, horizontal >> 1];
  return [top, left, vertical - top, horizontal - left];
}

/** The gradient goes to where each maximum was. */
export const maxPool: GradientRule<'MaxPool'> = ({ inputs: [x], outputs: [, indices], gradient }) => {
  const flat = Reshape(x, [-1]);
  const scattered = ScatterElements(zerosLike(flat), Reshape(indices, [-1]), Reshape(gradient, [-1]), {
    axis: 0,
    reduction: 'add',
  });
  return [reshapeToMatch(scattered, x)];
};

export const globalAveragePool: GradientRule<'GlobalAveragePool'> = ({ inputs: [x], outputs: [y], gradient }) => [
  ExpandLike(Div(gradient, reductionSize(x, y)), x),
];
