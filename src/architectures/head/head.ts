import type { GraphDefinition } from '../../graph/emit/emit.ts';
import { input, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../model/modality.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { adaptiveFusion } from './adaptive-fusion.ts';
import { compositionBranch } from './composition-branch.ts';
import { EVALUATION } from './layers.ts';
import { textBranch } from './text-branch.ts';
import { visionBranch } from './vision-branch.ts';

/**
 * The four graphs of the head. Each runs only for the rows that have its modality, and only if its output is requested.
 *
 * | graph | inputs | outputs |
 * |---|---|---|
 * | vision | one `<backbone>` (n, features) each | vision (n, d), backbone_weights (n, backbones), see VisionOutputs |
 * | text | text_features (n, features) | text (n, d) |
 * | composition | comp_feats (n, 7) | composition (n, d) |
 * | fusion | vision, text, composition (n, d), modality_mask (n, 3) | fused (n, d), gate_weights (n, 3) |
 */
export const HEAD_GRAPHS = ['vision', 'text', 'composition', 'fusion'] as const;
export type HeadGraph = (typeof HEAD_GRAPHS)[number];

/** Defines one graph of the head. @throws WeightsError naming the first key that is missing or has another shape */
export function defineHeadGraph(graph: HeadGraph, weights: WeightSource, spec: HeadSpec): GraphDefinition {
  return { name: graph, outputs: OUTPUTS[graph](weights, spec) };
}

const matrixInput = (name: string, width: number) => input(name, 'float32', ['n', width]);

const OUTPUTS: { readonly [G in HeadGraph]: (weights: WeightSource, spec: HeadSpec) => Record<string, Value> } = {
  vision: (weights, spec) => {
    const pooled = spec.backbones.map(({ name, features }) => matrixInput(name, features));
    const { vision: vector, backboneWeights } = visionBranch(weights, spec, pooled, EVALUATION);
    return { vision: vector, ...(backboneWeights && { backbone_weights: backboneWeights }) };
  },
  text: (weights, spec) => ({
    text: textBranch(weights, spec, matrixInput('text_features', spec.textFeatures)),
  }),
  composition: (weights, spec) => ({
    composition: compositionBranch(
      weights,
      matrixInput('comp_feats', COMPOSITION_FEATURES),
      spec.dimensions,
      EVALUATION,
    ),
  }),
  fusion: (weights, spec) => {
    const [v, t, c] = MODALITIES.map((modality) => matrixInput(modality, spec.dimensions)) as [Value, Value, Value];
    const { fused, gateWeights } = adaptiveFusion(
      weights,
      spec,
      [v, t, c],
      matrixInput('modality_mask', MODALITIES.length),
    );
    return { fused, gate_weights: gateWeights };
  },
};

/** Whether a key of a checkpoint belongs to the head, not to an encoder. */
export function isHeadKey(key: string): boolean {
  return HEAD_KEY.test(key);
}

const HEAD_KEY = /^(vision\.([^.]+\.)?adaptation\.|vision\.(attention|gate|projection)\.|text\.proj\.|comp\.|fusion\.)/;
