/** What a training aims at, and how: plain numbers, as in the original's configuration file. */
export interface ObjectiveOptions {
  /** Of the cosines in the contrastive and alignment objectives */
  readonly temperature: number;
  readonly weights: {
    readonly contrastive: number;
    readonly reconstruction: number;
    readonly alignment: number;
    /** Beyond the original: image-only and text-only vectors land where the whole panel's does. `present` fusion only */
    readonly fused_alignment: number;
  };
  readonly symmetric_alignment: boolean;
  readonly detach_target: boolean;
}

export const OBJECTIVES = ['contrastive', 'reconstruction', 'alignment', 'fused_alignment'] as const;
export type Objective = (typeof OBJECTIVES)[number];
