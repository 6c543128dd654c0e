import { Add, Conv, Flatten, GlobalAveragePool, MaxPool, Relu } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchNorm } from '../batch-norm.ts';
import { axisSize, countLayers } from '../weight-sizes.ts';

const EPSILON = 1e-5;
/** Output channels of a bottleneck per inner channel */
const EXPANSION = 4;

/** Sizes of a ResNet of bottlenecks. */
export interface ResnetSizes {
  /** Channels of the stem */
  readonly stem: number;
  /** Channels inside the bottlenecks of each stage */
  readonly planes: readonly number[];
  /** Number of bottlenecks in each stage */
  readonly blocks: readonly number[];
}

/** Infers the sizes from the shapes of the weights. @throws WeightsError */
export function inferResnetSizes(weights: WeightSource): ResnetSizes {
  const stages = countLayers(weights, (i) => `layer${i + 1}.0.conv1.weight`);
  const indices = Array.from({ length: stages }, (_, i) => i + 1);
  return {
    stem: axisSize(weights, 'conv1.weight', 0),
    planes: indices.map((stage) => axisSize(weights, `layer${stage}.0.conv1.weight`, 0)),
    blocks: indices.map((stage) => countLayers(weights, (block) => `layer${stage}.${block}.conv1.weight`)),
  };
}

/**
 * ResNet of bottlenecks with global average pooling: normalised pixels (n, 3, h, w) -> (n, d). Keys are those of timm and
 * torchvision, without the classifier `fc`; as there, the first 3 x 3 convolution of a stage has its stride. ONNX Runtime
 * folds each BatchNormalization into the convolution before it when it loads the graph.
 */
export function resnet(weights: WeightSource, { stem, planes, blocks }: ResnetSizes, pixels: Value): Value {
  const first = Relu(convBn(weights, 'conv1', 'bn1', pixels, { out: stem, kernel: 7, stride: 2 }));
  let x: Value = MaxPool(first, { kernel: [3, 3], strides: [2, 2], padding: [1, 1, 1, 1] });
  for (const [stage, inner] of planes.entries()) {
    for (let block = 0; block < (blocks[stage] ?? 0); block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = bottleneck(weights.withPrefix(`layer${stage + 1}.${block}.`), x, inner, stride);
    }
  }
  return Flatten(GlobalAveragePool(x), 1);
}

/** 1 x 1, 3 x 3 and 1 x 1 convolutions, and a shortcut: (n, c, h, w) -> (n, 4 * inner, h / stride, w / stride) */
function bottleneck(weights: WeightSource, x: Value, inner: number, stride: number): Value {
  const out = EXPANSION * inner;
  const down = Relu(convBn(weights, 'conv1', 'bn1', x, { out: inner, kernel: 1, stride: 1 }));
  const spatial = Relu(convBn(weights, 'conv2', 'bn2', down, { out: inner, kernel: 3, stride }));
  const up = convBn(weights, 'conv3', 'bn3', spatial, { out, kernel: 1, stride: 1 });
  const isProjected = stride > 1 || x.type.shape[1] !== out;
  const shortcut = isProjected ? convBn(weights, 'downsample.0', 'downsample.1', x, { out, kernel: 1, stride }) : x;
  return Relu(Add(up, shortcut));
}

interface Convolution {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
}

/** A convolution without bias, followed by BatchNorm with running statistics */
function convBn(
  weights: WeightSource,
  conv: string,
  bn: string,
  x: Value,
  { out, kernel, stride }: Convolution,
): Value {
  const weight = weights.parameter(`${conv}.weight`, [out, x.type.shape[1] as number, kernel, kernel]);
  const pad = (kernel - 1) / 2;
  const options = { strides: [stride, stride] as const, group: 1, padding: [pad, pad, pad, pad] as const };
  return batchNorm(weights, bn, Conv(x, weight, undefined, options), EPSILON);
}

/** Width of the pooled features. */
export function resnetFeatureWidth({ planes }: ResnetSizes): number {
  return EXPANSION * (planes.at(-1) ?? 0);
}
