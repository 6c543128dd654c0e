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

/** Transforms of a backbone's pooled features before the first layer: `signed_sqrt` is sign(x) sqrt(|x|), number by number. */
export const VISION_TRANSFORMS = ['signed_sqrt'] as const;
export type VisionTransform = (typeof VISION_TRANSFORMS)[number];

/** Transforms of pooled text features before the projection: `unit_length` divides them by their norm. */
export const TEXT_TRANSFORMS = ['unit_length'] as const;
export type TextTransform = (typeof TEXT_TRANSFORMS)[number];

/** Options of the head in model.json. Its sizes come from the encoders and the weights. */
export const headOptionsSchema = z.strictObject({
  visual_fusion: z.enum(VISUAL_FUSIONS),
  modality_indicators: z.boolean(),
  fusion_mode: z.enum(FUSION_MODES),
  // Absent, not `none`: the space fingerprint of a model without transforms must stay what it was before there were any.
  vision_transform: z.enum(VISION_TRANSFORMS).optional(),
  text_transform: z.enum(TEXT_TRANSFORMS).optional(),
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
  readonly visionTransform?: VisionTransform | undefined;
  readonly textTransform?: TextTransform | undefined;
}
