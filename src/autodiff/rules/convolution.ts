import { GraphError } from '../../graph/graph-error.ts';
import type { Attributes, Pads } from '../../graph/ops/op-attributes.ts';
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
import { type GradientRule, reductionSize, reshapeToMatch, zerosLike } from './gradient-rule.ts';

type SpatialSize = readonly [number, number];

export const conv: GradientRule<'Conv'> = ({ inputs, attributes, gradient }) => {
  const [x, weight] = [inputs[0]!, inputs[1]!];
  const padding = resolvePadding(x, weight, attributes);
  return [
    inputGradient(x, weight, attributes, padding, gradient),
    weightGradient(x, weight, attributes, padding, gradient),
    ...(inputs.length > 2 ? [ReduceSum(gradient, [0, 2, 3], false)] : []),
  ];
};

/** Every output pixel gives what it has back to the window that it was made of. */
function inputGradient(
  x: Value,
  weight: Value,
  { strides, group }: Attributes['Conv'],
  padding: Pads,
  gradient: Value,
) {
  const [inputSize, kernelSize, outputSize] = [x, weight, gradient].map(spatialSize) as [
    SpatialSize,
    SpatialSize,
    SpatialSize,
  ];
  // What the last window did not reach.
  const remainder = ([0, 1] as const).map(
    (axis) =>
      inputSize[axis] + padding[axis] + padding[axis + 2]! - (outputSize[axis] - 1) * strides[axis] - kernelSize[axis],
  );
  return ConvTranspose(gradient, weight, { strides, group, padding, outputPadding: [remainder[0]!, remainder[1]!] });
}

/**
 * A convolution of the input with the gradient in the place of the kernel, whose elements stand a stride apart, and with
 * rows and channels exchanged: the sum over rows becomes the sum over channels.
 */
function weightGradient(
  x: Value,
  weight: Value,
  { strides, group }: Attributes['Conv'],
  padding: Pads,
  gradient: Value,
) {
  const [kernelHeight, kernelWidth] = spatialSize(weight);
  const windows = Conv(swapBatchAndChannels(x, group), Transpose(gradient, [1, 0, 2, 3]), undefined, {
    strides: [1, 1],
    dilations: strides,
    group,
    padding,
  });
  const cropped = Slice(windows, [0, 0], [kernelHeight, kernelWidth], [2, 3]);
  return Transpose(cropped, [1, 0, 2, 3]);
}

/** (n, g * c, h, w) -> (c, g * n, h, w) */
function swapBatchAndChannels(x: Value, group: number): Value {
  if (group === 1) return Transpose(x, [1, 0, 2, 3]);
  const [height, width] = spatialSize(x);
  const channels = (x.type.shape[1] as number) / group;
  const grouped = Reshape(x, [0, group, channels, height, width]);
  return Reshape(Transpose(grouped, [2, 1, 0, 3, 4]), [channels, -1, height, width]);
}

/** @throws GraphError where a size is not known: then neither is what lies beyond the last window. */
function spatialSize(x: Value): SpatialSize {
  const [height, width] = x.type.shape.slice(2);
  if (typeof height === 'number' && typeof width === 'number') return [height, width];
  throw new GraphError(`a convolution over ${formatShape(x.type.shape)} has no gradient: its sizes must be known`);
}

/** TensorFlow's rule in numbers: as much as the output needs, and the odd one behind. */
function resolvePadding(x: Value, weight: Value, { strides, dilations, padding }: Attributes['Conv']): Pads {
  if (dilations.some((dilation) => dilation !== 1)) throw new GraphError('a dilated convolution has no gradient');
  if (padding !== 'same') return padding;
  const [inputSize, kernelSize] = [x, weight].map(spatialSize) as [SpatialSize, SpatialSize];
  const totals = ([0, 1] as const).map((axis) => {
    const windows = Math.ceil(inputSize[axis] / strides[axis]);
    return Math.max(0, (windows - 1) * strides[axis] + kernelSize[axis] - inputSize[axis]);
  }) as unknown as SpatialSize;
  const before = totals.map((total) => total >> 1) as unknown as SpatialSize;
  return [before[0], before[1], totals[0] - before[0], totals[1] - before[1]];
}

/** To where each maximum was. */
export const maxPool: GradientRule<'MaxPool'> = ({ inputs: [x], outputs: [, indices], gradient }) => {
  const flat = Reshape(x!, [-1]);
  const scattered = ScatterElements(zerosLike(flat), Reshape(indices!, [-1]), Reshape(gradient, [-1]), {
    axis: 0,
    reduction: 'add',
  });
  return [reshapeToMatch(scattered, x!)];
};

export const globalAveragePool: GradientRule<'GlobalAveragePool'> = ({ inputs: [x], outputs: [y], gradient }) => [
  ExpandLike(Div(gradient, reductionSize(x!, y!)), x!),
];
