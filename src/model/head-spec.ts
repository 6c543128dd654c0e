import { z } from 'zod';

/** Ways to fuse two backbones to one visual vector. With a single backbone, its adapted features are the vector. */
export const VISUAL_FUSIONS = ['attention', 'gate', 'concat', 'single'] as const;
export type VisualFusion = (typeof VISUAL_FUSIONS)[number];

/**
 * Ways to treat absent modalities. `present` zeroes their features before the gate and leaves them out of the residual mean.
 * `reference` computes as the original PyTorch code does: features of absent modalities enter both.
 */
export const FUSION_MODES = ['present', 'reference'] as const;
export type FusionMode = (typeof FUSION_MODES)[number];

/** Options of the head in model.json. Its sizes come from the encoders and the weights. */
export const headOptionsSchema = z.strictObject({
  visual_fusion: z.enum(VISUAL_FUSIONS),
  modality_indicators: z.boolean(),
  fusion_mode: z.enum(FUSION_MODES),
});

/** Sizes and options of a head. */
export interface HeadSpec {
  /** Width of all vectors that the head computes. */
  readonly dimensions: number;
  /** Visual backbones in the order of the fusion, with the width of their pooled features */
  readonly backbones: readonly { readonly name: string; readonly features: number }[];
  readonly textFeatures: number;
  readonly visualFusion: VisualFusion;
  readonly modalityIndicators: boolean;
  readonly fusionMode: FusionMode;
}
