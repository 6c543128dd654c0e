import {
  Add,
  Concat,
  Div,
  Gelu,
  Greater,
  Max,
  Mul,
  ReduceSum,
  Slice,
  Softmax,
  Sub,
  Where,
} from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { MODALITIES } from '../../model/modality.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { layerNorm, linear } from './layers.ts';

/** Added to the logit of an absent modality, so that its softmax weight is exactly zero in float32. */
const ABSENT_LOGIT = -1e4;

export interface FusionOutputs {
  /** (n, d) */
  readonly fused: Value;
  /** (n, 3) in the order of MODALITIES; rows sum to one */
  readonly gateWeights: Value;
}

/** Fuses one vector (n, d) per modality, in the order of MODALITIES, by a mask (n, 3) of ones and zeros. */
export function adaptiveFusion(
  weights: WeightSource,
  spec: HeadSpec,
  vectors: readonly [Value, Value, Value],
  mask: Value,
): FusionOutputs {
  const normed = vectors.map((vector, i) => layerNorm(weights, `fusion.${NORM_KEYS[i]}`, vector));
  const features = spec.fusionMode === 'present' ? normed.map((vector, i) => zeroAbsent(vector, mask, i)) : normed;
  const gateInput = Concat(spec.modalityIndicators ? [...features, mask] : features, 1, 'fusion.gate.input');
  const hidden = Gelu(linear(weights, 'fusion.gate.0', gateInput, spec.dimensions));
  const logits = linear(weights, 'fusion.gate.2', hidden, MODALITIES.length);
  const absentLogits = Mul(Sub(scalar(1), mask), scalar(ABSENT_LOGIT));
  const gateWeights = Softmax(Add(logits, absentLogits), 1, 'fusion.gate.weights');
  const weighted = features.map((vector, i) => Mul(vector, column(gateWeights, i)));
  const residual = Mul(weights.parameter('fusion.residual_weight', []), residualMean(spec, features, mask));
  return {
    fused: Add(
      weighted.reduce((sum, part) => Add(sum, part)),
      residual,
    ),
    gateWeights,
  };
}

const NORM_KEYS = ['norm_vision', 'norm_text', 'norm_comp'];

/**
 * Zeroes the rows of a modality (n, …) that are absent in the mask (n, 3). Where, not Mul: zero times an infinity or a NaN is
 * NaN, which in training would reach the gradients of all weights before it.
 */
export function zeroAbsent(vector: Value, mask: Value, index: number): Value {
  return Where(Greater(column(mask, index), scalar(0)), vector, scalar(0));
}

/** Mean over the present modalities in `present` mode, over all three in `reference` mode. */
function residualMean(spec: HeadSpec, features: readonly Value[], mask: Value): Value {
  const sum = features.reduce((total, vector) => Add(total, vector));
  if (spec.fusionMode === 'reference') return Div(sum, scalar(MODALITIES.length));
  return Div(sum, Max(ReduceSum(mask, [1], true), scalar(1)));
}

/** (n, k) -> (n, 1) */
function column(x: Value, index: number): Value {
  return Slice(x, [index], [index + 1], [1]);
}
