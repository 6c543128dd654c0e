import { adaptiveFusion, type FusionOutputs, zeroAbsent } from '../../architectures/head/adaptive-fusion.ts';
import { compositionBranch } from '../../architectures/head/composition-branch.ts';
import type { HeadMode } from '../../architectures/head/layers.ts';
import { textBranch } from '../../architectures/head/text-branch.ts';
import { visionBranch } from '../../architectures/head/vision-branch.ts';
import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { MODALITIES, type Modality } from '../../model/modality.ts';
import type { Tensor } from '../../weights/tensor.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { EncoderOutputs } from './encoder-outputs.ts';

/** What a head sees of n panels. */
export interface HeadInputs extends EncoderOutputs {
  /** (n, 7) */
  readonly composition: Value;
  /** (n, 3): ones for the modalities that each panel has */
  readonly present: Value;
}

/** The vectors of n panels. */
export interface HeadVectors {
  /** (n, d), before the fusion */
  readonly vision: Value;
  readonly text: Value;
  /** Under a mask (n, 3) of the modalities that the fusion sees */
  fuse(mask: Value): FusionOutputs;
}

/** What can be trained: the head that is served, or one that it is compared to. */
export interface HeadArchitecture {
  /** The weights that a training starts from, in place of those that its options say. The same seed gives the same bytes */
  initialTensors?(spec: HeadSpec, seed: number): ReadonlyMap<string, Tensor>;
  /** @throws WeightsError naming the first key that is missing or misshapen */
  build(weights: WeightSource, spec: HeadSpec, mode: HeadMode, inputs: HeadInputs): HeadVectors;
}

/** The head that is served. In `present` mode what an absent modality holds reaches no vector and no gradient. */
export const SERVED_HEAD: HeadArchitecture = {
  build(weights, spec, mode, { vision, text, composition, present }) {
    const zeroIfAbsent = (x: Value, modality: Modality) =>
      spec.fusionMode === 'present' ? zeroAbsent(x, present, MODALITIES.indexOf(modality)) : x;
    const pooled = vision.map((features) => zeroIfAbsent(features, 'vision'));
    const { vision: visionVectors } = visionBranch(weights, spec, pooled, mode);
    const textVectors = textBranch(weights, spec, zeroIfAbsent(text, 'text'));
    const shownComposition = zeroIfAbsent(composition, 'composition');
    const compositionVectors = compositionBranch(weights, shownComposition, spec.dimensions, mode);
    const fuse = (mask: Value) => adaptiveFusion(weights, spec, [visionVectors, textVectors, compositionVectors], mask);
    return { vision: visionVectors, text: textVectors, fuse };
  },
};
