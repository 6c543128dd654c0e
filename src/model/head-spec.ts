import { z } from 'zod';

/** How two backbones become one visual vector. With a single backbone its adapted features are the vector. */
export const VISUAL_FUSIONS = ['attention', 'gate', 'concat', 'single'] as const;
export type VisualFusion = (typeof VISUAL_FUSIONS)[number];

/**
 * `present`: absent features are zeroed before the gate and left out of the residual mean, so nothing of them leaks.
 * `reference`: the arithmetic of the original PyTorch code, where absent features still enter both.
 */
export const FUSION_MODES = ['present', 'reference'] as const;
export type FusionMode = (typeof FUSION_MODES)[number];

/** What of the head is described in model.json; the sizes come from the encoders and the weights. */
export const headOptionsSchema = z.strictObject({
  visual_fusion: z.enum(VISUAL_FUSIONS),
  modality_indicators: z.boolean(),
  fusion_mode: z.enum(FUSION_MODES),
});

export interface HeadSpec {
  /** D, the width of every vector that the head gives. */
  readonly dimensions: number;
  /** Visual backbones in the order of the fusion, with the width of their pooled features. */
  readonly backbones: readonly { readonly name: string; readonly features: number }[];
  readonly textFeatures: number;
  readonly visualFusion: VisualFusion;
  readonly modalityIndicators: boolean;
  readonly fusionMode: FusionMode;
}
