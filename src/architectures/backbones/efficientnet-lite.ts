import { Add, Clip, Conv, Flatten, GlobalAveragePool } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { batchNorm } from '../batch-norm.ts';
import { axisSize, countLayers } from '../weight-sizes.ts';

const EPSILON = 1e-3;
const STEM_KERNEL = 3;
/** Strides of the first blocks of the stages, which the shapes of the weights do not tell */
const STAGE_STRIDES = [1, 2, 2, 2, 1, 2, 1] as const;

/** Sizes of an inverted bottleneck. */
interface BlockSizes {
  /** Channels between its convolutions */
  readonly inner: number;
  readonly out: number;
  /** Side of the depthwise kernel */
  readonly kernel: number;
  readonly stride: number;
  /** Whether a 1 x 1 convolution widens its input; without one, the input has `inner` channels already */
  readonly isExpanding: boolean;
}

/** Sizes of an EfficientNet-Lite. */
export interface EfficientnetLiteSizes {
  /** Channels of the stem */
  readonly stem: number;
  readonly blocks: readonly BlockSizes[];
  readonly features: number;
}

/**
 * Infers the sizes from the shapes of the weights. A stage begins where a block changes the number of channels.
 * @throws WeightsError, also where there are not seven stages
 */
export function inferEfficientnetLiteSizes(weights: WeightSource): EfficientnetLiteSizes {
  const stem = axisSize(weights, '_conv_stem.weight', 0);
  const count = countLayers(weights, (block) => `_blocks.${block}._depthwise_conv.weight`);
  const blocks: BlockSizes[] = [];
  let channels = stem;
  let stage = 0;
  for (let block = 0; block < count; block++) {
    const key = (part: string) => `_blocks.${block}.${part}.weight`;
    const out = axisSize(weights, key('_project_conv'), 0);
    const stride = out === channels ? 1 : (STAGE_STRIDES[stage++] ?? 1);
    blocks.push({
      inner: axisSize(weights, key('_depthwise_conv'), 0),
      out,
      kernel: axisSize(weights, key('_depthwise_conv'), 2),
      stride,
      isExpanding: weights.has(key('_expand_conv')),
    });
    channels = out;
  }
  if (stage !== STAGE_STRIDES.length) {
    throw new WeightsError(
      `"_blocks": the number of channels changes ${stage} times, in EfficientNet-Lite ${STAGE_STRIDES.length} times`,
    );
  }
  return { stem, blocks, features: axisSize(weights, '_conv_head.weight', 0) };
}

/**
 * EfficientNet-Lite with global average pooling: normalised pixels (n, 3, h, w) -> (n, d). Keys are those of the PyPI package
 * efficientnet-lite-pytorch, without the classifier `_fc`; padding is TensorFlow's, as there. ONNX Runtime folds each
 * BatchNormalization into the convolution before it when it loads the graph.
 */
export function efficientnetLite(weights: WeightSource, sizes: EfficientnetLiteSizes, pixels: Value): Value {
  const stem = { out: sizes.stem, kernel: STEM_KERNEL, stride: 2 };
  let x = relu6(convBn(weights, '_conv_stem', '_bn0', pixels, stem));
  for (const [block, blockSizes] of sizes.blocks.entries()) {
    x = invertedBottleneck(weights.withPrefix(`_blocks.${block}.`), blockSizes, x);
  }
  const head = { out: sizes.features, kernel: 1, stride: 1 };
  return Flatten(GlobalAveragePool(relu6(convBn(weights, '_conv_head', '_bn1', x, head))), 1);
}

/** Widens the channels, convolves each by itself, and narrows them: (n, c, h, w) -> (n, out, h / stride, w / stride) */
function invertedBottleneck(weights: WeightSource, sizes: BlockSizes, x: Value): Value {
  const { inner, out, kernel, stride, isExpanding } = sizes;
  const pointwise = (channels: number) => ({ out: channels, kernel: 1, stride: 1 });
  const wide = isExpanding ? relu6(convBn(weights, '_expand_conv', '_bn0', x, pointwise(inner))) : x;
  const depthwise = { out: inner, kernel, stride, group: inner };
  const spatial = relu6(convBn(weights, '_depthwise_conv', '_bn1', wide, depthwise));
  const narrow = convBn(weights, '_project_conv', '_bn2', spatial, pointwise(out));
  return stride === 1 && x.type.shape[1] === out ? Add(narrow, x) : narrow;
}

interface Convolution {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly group?: number;
}

/** A convolution without bias, followed by BatchNorm with running statistics */
function convBn(
  weights: WeightSource,
  conv: string,
  bn: string,
  x: Value,
  { out, kernel, stride, group = 1 }: Convolution,
): Value {
  const weight = weights.parameter(`${conv}.weight`, [out, (x.type.shape[1] as number) / group, kernel, kernel]);
  const convolved = Conv(x, weight, undefined, { strides: [stride, stride], group, padding: 'same' });
  return batchNorm(weights, bn, convolved, EPSILON);
}

function relu6(x: Value): Value {
  return Clip(x, 0, 6);
}
