import { GraphError } from '../../graph/graph-error.ts';
import type { Attributes, Pads } from '../../graph/ops/attributes.ts';
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
} from '../../graph/ops/index.ts';
import { formatShape } from '../../graph/shape.ts';
import type { Value } from '../../graph/value.ts';
import { elementsPer, type Rule, shapedLike, zerosLike } from './rule.ts';

type Sizes = readonly [number, number];

export const conv: Rule<'Conv'> = ({ inputs, attributes, gradient }) => {
  const [x, weight] = [inputs[0]!, inputs[1]!];
  const pads = padsOf(x, weight, attributes);
  return [
    toInput(x, weight, attributes, pads, gradient),
    toWeight(x, weight, attributes, pads, gradient),
    ...(inputs.length > 2 ? [ReduceSum(gradient, [0, 2, 3], false)] : []),
  ];
};

/** Every output pixel gives what it has back to the window that it was made of. */
function toInput(x: Value, weight: Value, { strides, group }: Attributes['Conv'], padding: Pads, gradient: Value) {
  const [sizes, kernel, out] = [x, weight, gradient].map(spatial) as [Sizes, Sizes, Sizes];
  // What the last window did not reach.
  const left = ([0, 1] as const).map(
    (axis) => sizes[axis] + padding[axis] + padding[axis + 2]! - (out[axis] - 1) * strides[axis] - kernel[axis],
  );
  return ConvTranspose(gradient, weight, { strides, group, padding, outputPadding: [left[0]!, left[1]!] });
}

/**
 * A convolution of the input with the gradient in the place of the kernel, whose elements stand a stride apart, and with
 * rows and channels exchanged: the sum over rows becomes the sum over channels.
 */
function toWeight(x: Value, weight: Value, { strides, group }: Attributes['Conv'], padding: Pads, gradient: Value) {
  const [kernelHeight, kernelWidth] = spatial(weight);
  const windows = Conv(rowsLast(x, group), Transpose(gradient, [1, 0, 2, 3]), undefined, {
    strides: [1, 1],
    dilations: strides,
    group,
    padding,
  });
  const reached = Slice(windows, [0, 0], [kernelHeight, kernelWidth], [2, 3]);
  return Transpose(reached, [1, 0, 2, 3]);
}

/** (n, g * c, h, w) -> (c, g * n, h, w) */
function rowsLast(x: Value, group: number): Value {
  if (group === 1) return Transpose(x, [1, 0, 2, 3]);
  const [height, width] = spatial(x);
  const channels = (x.type.shape[1] as number) / group;
  const grouped = Reshape(x, [0, group, channels, height, width]);
  return Reshape(Transpose(grouped, [2, 1, 0, 3, 4]), [channels, -1, height, width]);
}

/** @throws GraphError where a size is not known: then neither is what lies beyond the last window. */
function spatial(x: Value): Sizes {
  const [height, width] = x.type.shape.slice(2);
  if (typeof height === 'number' && typeof width === 'number') return [height, width];
  throw new GraphError(`a convolution over ${formatShape(x.type.shape)} has no gradient: its sizes must be known`);
}

/** TensorFlow's rule in numbers: as much as the output needs, and the odd one behind. */
function padsOf(x: Value, weight: Value, { strides, dilations, padding }: Attributes['Conv']): Pads {
  if (dilations.some((dilation) => dilation !== 1)) throw new GraphError('a dilated convolution has no gradient');
  if (padding !== 'same') return padding;
  const [sizes, kernel] = [x, weight].map(spatial) as [Sizes, Sizes];
  const totals = ([0, 1] as const).map((axis) => {
    const windows = Math.ceil(sizes[axis] / strides[axis]);
    return Math.max(0, (windows - 1) * strides[axis] + kernel[axis] - sizes[axis]);
  }) as unknown as Sizes;
  const before = totals.map((total) => total >> 1) as unknown as Sizes;
  return [before[0], before[1], totals[0] - before[0], totals[1] - before[1]];
}

/** To where each maximum was. */
export const maxPool: Rule<'MaxPool'> = ({ inputs: [x], outputs: [, places], gradient }) => {
  const flat = Reshape(x!, [-1]);
  const given = ScatterElements(zerosLike(flat), Reshape(places!, [-1]), Reshape(gradient, [-1]), {
    axis: 0,
    reduction: 'add',
  });
  return [shapedLike(given, x!)];
};

export const globalAveragePool: Rule<'GlobalAveragePool'> = ({ inputs: [x], outputs: [y], gradient }) => [
  ExpandLike(Div(gradient, elementsPer(x!, y!)), x!),
];
