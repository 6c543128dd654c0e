import { Add, Concat, Gelu, Mul, Slice, Softmax } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { axisSize } from '../weight-sizes.ts';
import { signedSqrt } from './feature-transforms.ts';
import { type HeadMode, layerNorm, linear } from './layers.ts';

export interface VisionOutputs {
  /** (n, d) */
  readonly vision: Value;
  /** (n, backbones), rows sum to one; undefined if the fusion has no weights for its backbones */
  readonly backboneWeights: Value | undefined;
}

/** Visual vector (n, d) of the pooled features of each backbone, (n, features) in the order of the spec. */
export function visionBranch(
  weights: WeightSource,
  spec: HeadSpec,
  pooled: readonly Value[],
  mode: HeadMode,
): VisionOutputs {
  const isSingle = spec.visualFusion === 'single';
  const adapted = pooled.map((features, i) => {
    const key = isSingle ? 'vision.adaptation' : `vision.${spec.backbones[i]?.name}.adaptation`;
    const transformed = spec.visionTransform === 'signed_sqrt' ? signedSqrt(features) : features;
    return adaptationBlock(weights, key, transformed, spec.dimensions, mode);
  });
  const [first] = adapted;
  if (isSingle && first !== undefined) return { vision: first, backboneWeights: undefined };
  const concatenated = Concat(adapted, 1, 'vision.joined');
  if (spec.visualFusion === 'concat') {
    // The original PyTorch code has no projection here, so that its vector is too wide for the fusion.
    return { vision: linear(weights, 'vision.projection', concatenated, spec.dimensions), backboneWeights: undefined };
  }
  const backboneWeights = Softmax(backboneLogits(weights, spec, concatenated), 1, 'vision.backbone_weights');
  const weighted = adapted.map((features, i) => Mul(features, Slice(backboneWeights, [i], [i + 1], [1])));
  return { vision: weighted.reduce((sum, part) => Add(sum, part)), backboneWeights };
}

function backboneLogits(weights: WeightSource, spec: HeadSpec, concatenated: Value): Value {
  const count = spec.backbones.length;
  if (spec.visualFusion === 'attention') return linear(weights, 'vision.attention.0', concatenated, count);
  const hidden = Gelu(linear(weights, 'vision.gate.0', concatenated, spec.dimensions));
  return linear(weights, 'vision.gate.2', hidden, count);
}

/** Linear, LayerNorm, GELU, dropout, Linear, LayerNorm: (n, in) -> (n, d). The weights decide the hidden width. */
function adaptationBlock(weights: WeightSource, prefix: string, x: Value, dimensions: number, mode: HeadMode): Value {
  const hidden = axisSize(weights, `${prefix}.0.weight`, 0);
  const activated = Gelu(layerNorm(weights, `${prefix}.1`, linear(weights, `${prefix}.0`, x, hidden)));
  const afterDropout = mode.dropout(activated, `${prefix}.3`);
  return layerNorm(weights, `${prefix}.5`, linear(weights, `${prefix}.4`, afterDropout, dimensions));
}
