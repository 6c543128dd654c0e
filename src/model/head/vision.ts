import { Add, Concat, Gelu, Mul, Slice, Softmax } from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { adaptation } from './adaptation.ts';
import type { HeadSpec } from './head-spec.ts';
import { linear } from './layers.ts';
import type { Mode } from './mode.ts';

export interface Vision {
  /** (n, d) */
  readonly vision: Value;
  /** (n, backbones), summing to one; only where the fusion weighs its backbones */
  readonly backboneWeights: Value | undefined;
}

/** Pooled features, one (n, features) per backbone in the order of the spec, to the visual vector. */
export function vision(weights: WeightSource, spec: HeadSpec, pooled: readonly Value[], mode: Mode): Vision {
  if (spec.visualFusion === 'single') {
    return {
      vision: adaptation(weights, 'vision.adaptation', pooled[0]!, spec.dimensions, mode),
      backboneWeights: undefined,
    };
  }
  const adapted = spec.backbones.map(({ name }, at) =>
    adaptation(weights, `vision.${name}.adaptation`, pooled[at]!, spec.dimensions, mode),
  );
  const joined = Concat(adapted, 1, 'vision.joined');
  if (spec.visualFusion === 'concat') {
    // The original stops at the concatenation, which is too wide for everything after it.
    return { vision: linear(weights, 'vision.projection', joined, spec.dimensions), backboneWeights: undefined };
  }
  const shares = Softmax(backboneLogits(weights, spec, joined), 1, 'vision.backbone_weights');
  const weighted = adapted.map((features, at) => Mul(features, Slice(shares, [at], [at + 1], [1])));
  return { vision: weighted.reduce((sum, part) => Add(sum, part)), backboneWeights: shares };
}

function backboneLogits(weights: WeightSource, spec: HeadSpec, joined: Value): Value {
  const count = spec.backbones.length;
  if (spec.visualFusion === 'attention') return linear(weights, 'vision.attention.0', joined, count);
  const hidden = Gelu(linear(weights, 'vision.gate.0', joined, spec.dimensions));
  return linear(weights, 'vision.gate.2', hidden, count);
}
