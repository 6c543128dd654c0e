import type { FusionMode } from '../../src/model/head-spec.ts';
import { type TrainingOptions, trainingSchema } from '../../src/training/training-spec.ts';

/** What the head is trained on: what the original trains on, or all that panelvec adds. */
export const VARIANTS = ['original', 'panelvec'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Pages of a step, and panels of each */
export const PAGES_PER_STEP = 8;
export const PANELS_PER_PAGE = 6;

/** More than any window takes: the learning rate stays where it is. */
const EPOCHS = 10_000;
const COMMON = { epochs: EPOCHS, batch_size: PAGES_PER_STEP, dropout: 0.1, max_grad_norm: 1 } as const;

/** Arithmetic and objectives of the original: see docs/training.md. */
const ORIGINAL_OPTIONS = {
  weights: { contrastive: 1, reconstruction: 0.5, alignment: 0.3, fused_alignment: 0 },
  symmetric_alignment: false,
  detach_target: false,
  modality_dropout: 0,
} as const;

export function headTraining(variant: Variant): { readonly options: TrainingOptions; readonly fusionMode: FusionMode } {
  if (variant === 'original') {
    return { options: trainingSchema.parse({ ...COMMON, ...ORIGINAL_OPTIONS }), fusionMode: 'reference' };
  }
  return { options: trainingSchema.parse(COMMON), fusionMode: 'present' };
}
