import { z } from 'zod';

/** Where a training is, beside its numbers: all that the next step needs to know. */
export const trainerStateSchema = z.strictObject({
  /** Epochs that are over */
  epoch: z.int().min(0),
  /** Batches of the epoch that are behind it */
  batch: z.int().min(0),
  /** Batches of all epochs */
  step: z.int().min(0),
  /** Steps that changed the weights, as AdamW counts them */
  updates: z.int().min(0),
  skipped: z.int().min(0),
  /** Pages that are computed at a time */
  micro_batch: z.int().min(1),
  /** Sums over the batches of the epoch, for its mean losses */
  sums: z.record(z.string(), z.number()),
  /** Measures before the first step; null without validation */
  baseline: z.record(z.string(), z.number().nullable()).nullable(),
  best: z
    .strictObject({
      epoch: z.int(),
      step: z.int(),
      value: z.number(),
      measures: z.record(z.string(), z.number().nullable()),
    })
    .nullable(),
});

export type TrainerState = z.output<typeof trainerStateSchema>;

/** In the order of the schema: so a checkpoint's bytes do not tell whether the training was ever gone on with. */
export function initialTrainerState(microBatch: number): TrainerState {
  return {
    epoch: 0,
    batch: 0,
    step: 0,
    updates: 0,
    skipped: 0,
    micro_batch: microBatch,
    sums: {},
    baseline: null,
    best: null,
  };
}
