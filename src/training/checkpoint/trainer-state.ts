import { z } from 'zod';

/** The state of a training beside its numbers: everything that the next step depends on. */
export const trainerStateSchema = z.strictObject({
  /** Completed epochs */
  epoch: z.int().min(0),
  /** Completed batches of the current epoch */
  batch: z.int().min(0),
  /** Completed batches of all epochs */
  step: z.int().min(0),
  /** Steps that changed the weights, as AdamW counts them */
  updates: z.int().min(0),
  skipped: z.int().min(0),
  /** Pages that are computed at a time */
  micro_batch: z.int().min(1),
  /** Sums of the losses over the batches of the epoch; `taken` counts these batches */
  sums: z.record(z.string(), z.number()),
  /** Metrics before the first step; null without validation */
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

/** The state before the first step. Keys are in the order of the schema: the bytes of a checkpoint must not depend on resumes. */
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
