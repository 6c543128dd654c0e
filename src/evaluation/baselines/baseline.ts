import type { ModelDefinition } from '../../model/model-spec.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';

/** What our models are compared to: the first version, the original Stage 3 fusion, and features without any training. */
export const BASELINE_KINDS = ['v1', 'reference', 'raw'] as const;
export type BaselineKind = (typeof BASELINE_KINDS)[number];

/** Pooled features that a fusion without masks is given for an absent modality: by backbone, and of the text. */
export interface AbsentFeatures {
  /**
   * `v1` was given zeros instead of RGB in 0..1: a black picture. `reference` is given zeros after the normalisation: a picture
   * of the mean colour.
   */
  readonly vision: Readonly<Record<string, Float32Array>>;
  /** `v1` was given padding alone, over which a mean is zero; `reference` is given the empty text. */
  readonly text: Float32Array;
}

/** What a baseline is trained on, and how long. Plain data, because it is sent to the training process. */
export interface BaselinePlan
  extends Pick<TrainingPlan, 'folder' | 'partFiles' | 'base' | 'provider' | 'device' | 'threads'> {
  readonly kind: BaselineKind;
  /** Encoders, and dimensions of the vectors */
  readonly model: ModelDefinition;
  readonly absent: AbsentFeatures;
  readonly epochs: number;
  /** Pages */
  readonly batchSize: number;
  readonly seed: number;
}

/** A trained baseline: the plan, and the file of its weights. It can be kept, and used in another process. */
export interface TrainedBaseline {
  readonly plan: BaselinePlan;
  readonly weights: string;
}
