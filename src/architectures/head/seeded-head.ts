import type { HeadSpec } from '../../model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { HeadWeightsBuilder } from './head-weights-builder.ts';

/** Hidden width of the composition branch in the original PyTorch code */
const COMPOSITION_HIDDEN = 256;
/** Typical means and standard deviations of composition features, so that no feature dominates */
const COMPOSITION_MEAN = [1.3, 0.17, 0.2, 0, 0, 0.5, 0.5];
const COMPOSITION_STD = [0.8, 0.15, 0.2, 1, 1, 0.27, 0.29];
/** Gate logits before training: vision counts most, then text; composition must not decide the similarity. */
const GATE_BIAS = [0.5, 0, -2];
const RESIDUAL_WEIGHT = 0.1;

/**
 * Initial weights of a head that preserves the distances between its encoders' features. All projections are orthonormal, and
 * hidden layers hold every feature with both signs: GELU(x) - GELU(-x) = x, and the same for ReLU, so that the layers are
 * linear together. The same seed gives the same bytes.
 */
export function seedHead(spec: HeadSpec, seed: number): Map<string, Tensor> {
  const weights = new HeadWeightsBuilder(seed);
  const { dimensions: d } = spec;
  for (const { name, features } of spec.backbones) {
    const prefix = spec.visualFusion === 'single' ? 'vision.adaptation' : `vision.${name}.adaptation`;
    const half = Math.min(d, features >> 2 || 1);
    weights.signedPair(`${prefix}.0`, half, features);
    weights.norm(`${prefix}.1`, 2 * half);
    weights.unpair(`${prefix}.4`, d, half);
    weights.norm(`${prefix}.5`, d);
  }
  seedVisualFusion(weights, spec);
  weights.orthonormal('text.proj', d, spec.textFeatures);
  seedComposition(weights, d);
  seedAdaptiveFusion(weights, spec, GATE_BIAS, RESIDUAL_WEIGHT);
  return weights.tensors;
}

function seedVisualFusion(weights: HeadWeightsBuilder, { backbones, dimensions: d, visualFusion }: HeadSpec): void {
  const count = backbones.length;
  const zeroBias = new Array<number>(count).fill(0);
  if (visualFusion === 'attention') weights.constant('vision.attention.0', count, count * d, zeroBias);
  if (visualFusion === 'gate') {
    weights.orthonormal('vision.gate.0', d, count * d);
    weights.constant('vision.gate.2', count, d, zeroBias);
  }
  if (visualFusion === 'concat') weights.orthonormal('vision.projection', d, count * d);
}

/** A fusion whose gate is constant: its hidden layer is drawn, and its last one has biases alone. */
export function seedAdaptiveFusion(
  weights: HeadWeightsBuilder,
  { dimensions: d, modalityIndicators }: HeadSpec,
  gateBias: readonly number[],
  residualWeight: number,
): void {
  for (const norm of ['norm_vision', 'norm_text', 'norm_comp']) weights.norm(`fusion.${norm}`, d);
  weights.orthonormal('fusion.gate.0', d, MODALITIES.length * d + (modalityIndicators ? MODALITIES.length : 0));
  weights.constant('fusion.gate.2', MODALITIES.length, d, gateBias);
  weights.set('fusion.residual_weight', [], [residualWeight]);
}

export function seedComposition(weights: HeadWeightsBuilder, d: number): void {
  const half = COMPOSITION_HIDDEN / 2;
  weights.signedPair('comp.mlp.0', half, COMPOSITION_FEATURES, COMPOSITION_STD);
  weights.batchNorm('comp.mlp.1', 2 * half, weights.multiply('comp.mlp.0', COMPOSITION_MEAN));
  weights.pairToPair('comp.mlp.4', half);
  weights.batchNorm('comp.mlp.5', 2 * half);
  weights.unpair('comp.mlp.8', d, half);
}
