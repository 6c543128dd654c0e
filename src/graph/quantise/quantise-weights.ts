import { elementAt } from '../../util/arrays.ts';

const MAX_INT8 = 127;
/**
 * Processors without integer dot products (AVX2, AVX-512 without VNNI) add pairs of products with bytes in int16, and clip what does
 * not fit: 2 * 255 * 64 does. So vectors are the same on all processors.
 */
const MAX_INT7 = 64;
/** Biases must fit into int32 together with the products that they are added to. */
const MAX_BIAS = 2 ** 30;

/** Weights of a convolution (out, in / groups, height, width), and what is known of its input. */
export interface FloatConvolution {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  readonly inputScale: number;
  /** Mean of each channel of the input; there are `in` of them */
  readonly inputMeans: Float64Array;
  readonly groups: number;
}

export interface IntegerConvolution {
  readonly weights: Int8Array;
  /** One for each output channel */
  readonly scales: Float32Array;
  /** In steps of the input's scale times the scale of the channel */
  readonly biases: Int32Array;
}

/**
 * Quantises weights symmetrically, with a scale for each output channel. What the rounding of its weights adds to the mean of a
 * channel is taken off its bias: that is most of the error, as inputs behind a ReLU are all positive.
 */
export function quantiseConvolution(convolution: FloatConvolution): IntegerConvolution {
  const { weights: floats, biases: floatBiases, inputScale } = convolution;
  const channels = floatBiases.length;
  const size = floats.length / channels;
  const maxWeight = isDepthwise(convolution) ? MAX_INT8 : MAX_INT7;
  const weights = new Int8Array(floats.length);
  const scales = new Float32Array(channels);
  const biases = new Int32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const row = floats.subarray(channel * size, (channel + 1) * size);
    const bias = elementAt(floatBiases, channel);
    const largest = row.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
    const scale = Math.fround(Math.max(largest / maxWeight, Math.abs(bias) / (inputScale * MAX_BIAS)) || 1);
    const rounded = Int8Array.from(row, (weight) => Math.round(weight / scale));
    const shift = meanShift(convolution, channel, (i) => scale * elementAt(rounded, i) - elementAt(row, i));
    weights.set(rounded, channel * size);
    scales[channel] = scale;
    biases[channel] = Math.round((bias - shift) / (inputScale * scale));
  }
  return { weights, scales, biases };
}

/** Whether each input channel makes one output channel: such products are added in int32. */
function isDepthwise({ biases, inputMeans, groups }: FloatConvolution): boolean {
  return inputMeans.length === groups && biases.length === groups;
}

/** What errors of a channel's weights add to the mean of its output. */
function meanShift(
  { weights, biases, inputMeans, groups }: FloatConvolution,
  channel: number,
  error: (i: number) => number,
): number {
  const size = weights.length / biases.length;
  const inputsPerGroup = inputMeans.length / groups;
  const firstInput = Math.floor(channel / (biases.length / groups)) * inputsPerGroup;
  const area = size / inputsPerGroup;
  let shift = 0;
  for (let i = 0; i < size; i++) shift += error(i) * elementAt(inputMeans, firstInput + Math.floor(i / area));
  return shift;
}
