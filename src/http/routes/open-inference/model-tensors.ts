import { OUTPUTS } from '../../../inference/engine-types.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../../model/modality.ts';
import type { Model } from '../../../model/model.ts';
import type { Datatype } from './datatypes.ts';

/** A tensor of a model, as its metadata describes it. */
export interface TensorInfo {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 is a size that the request chooses; the first is the number of panels */
  readonly shape: readonly number[];
}
export interface OutputTensorInfo extends TensorInfo {
  readonly name: OutputName;
  readonly shape: readonly [rows: -1, width: number];
}

export const INPUT_NAMES = ['images', 'input_ids', 'attention_mask', 'comp_feats', 'modality_mask'] as const;
export type InputName = (typeof INPUT_NAMES)[number];
export const OUTPUT_NAMES = [...OUTPUTS, 'gate_weights', 'backbone_weights'] as const;
export type OutputName = (typeof OUTPUT_NAMES)[number];

/** Element types that are accepted beside the one of the metadata: they lose nothing. */
export const ALSO_ACCEPTED_DATATYPES: Readonly<Record<InputName, readonly Datatype[]>> = {
  images: [],
  input_ids: ['INT32'],
  attention_mask: ['INT32', 'UINT8', 'BOOL', 'FP32', 'FP64'],
  comp_feats: ['FP64'],
  modality_mask: ['FP64', 'INT64', 'INT32', 'UINT8', 'BOOL'],
};

/**
 * Describes the inputs of a model. Images are float32, normalised as the model's first backbone normalises. A model with
 * several grid views takes all of them: they cannot be cut from a picture that has lost its resolution.
 */
export function describeInputTensors({ spec }: Model): Readonly<Record<InputName, TensorInfo>> {
  const { image_size: side, grid_views: gridViews } = spec.vision;
  const views = gridViews === 1 ? [] : [gridViews];
  return {
    images: { name: 'images', datatype: 'FP32', shape: [-1, ...views, 3, side, side] },
    input_ids: { name: 'input_ids', datatype: 'INT64', shape: [-1, -1] },
    attention_mask: { name: 'attention_mask', datatype: 'INT64', shape: [-1, -1] },
    comp_feats: { name: 'comp_feats', datatype: 'FP32', shape: [-1, COMPOSITION_FEATURES] },
    modality_mask: { name: 'modality_mask', datatype: 'FP32', shape: [-1, MODALITIES.length] },
  };
}

/** Describes the outputs of a model. Weights of the backbones are there only where the model weighs them. */
export function describeOutputTensors({ spec }: Model): readonly OutputTensorInfo[] {
  const { dimensions, vision, head } = spec;
  const outputTensor = (name: OutputName, width: number): OutputTensorInfo => ({
    name,
    datatype: 'FP32',
    shape: [-1, width],
  });
  const hasBackboneWeights = head.visual_fusion === 'attention' || head.visual_fusion === 'gate';
  return [
    ...OUTPUTS.map((name) => outputTensor(name, dimensions)),
    outputTensor('gate_weights', MODALITIES.length),
    ...(hasBackboneWeights ? [outputTensor('backbone_weights', vision.backbones.length)] : []),
  ];
}
