import { Add, Concat, Gelu, Mul, Slice, Softmax } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { adaptationBlock } from './adaptation-block.ts';
import type { HeadMode } from './head-mode.ts';
import { linear } from './layers.ts';

export interface VisionOutputs {
  /** (n, d) */
  readonly vision: Value;
  /** (n, backbones), summing to one; only where the fusion weighs its backbones */
  readonly backboneWeights: Value | undefined;
}

/** Pooled features, one (n, features) per backbone in the order of the spec, to the visual vector. */
export function visionBranch(
  weights: WeightSource,
  spec: HeadSpec,
  pooled: readonly Value[],
  mode: HeadMode,
): VisionOutputs {
  if (spec.visualFusion === 'single') {
    return {
      vision: adaptationBlock(weights, 'vision.adaptation', pooled[0]!, spec.dimensions, mode),
      backboneWeights: undefined,
    };
  }
  const adapted = spec.backbones.map(({ name }, i) =>
    adaptationBlock(weights, `vision.${name}.adaptation`, pooled[i]!, spec.dimensions, mode),
  );
  const concatenated = Concat(adapted, 1, 'vision.joined');
  if (spec.visualFusion === 'concat') {
    // The original stops at the concatenation, which is too wide for everything after it.
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
