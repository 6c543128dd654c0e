import { z } from 'zod';

/** One line of a training's history. */
export interface HistoryRecord {
  readonly kind: 'step' | 'epoch';
  /** From 1. */
  readonly epoch: number;
  /** Optimiser steps so far. */
  readonly step: number;
  /** By the field's names: loss, grad_norm, validation_loss. NaN where there is no finite number, as in a skipped step. */
  readonly values: Readonly<Record<string, number>>;
}

const historyRecordSchema = z.object({
  kind: z.enum(['step', 'epoch']),
  epoch: z.int().min(1),
  step: z.int().min(0),
  values: z.record(
    z.string(),
    z
      .number()
      .nullable()
      .transform((value) => value ?? Number.NaN),
  ),
});

/**
 * The record as a line of JSON, with its line end. JSON has neither NaN nor infinities: both become null, and null is read
 * back as NaN, so an infinite value is from then on only known to be no number.
 */
export function formatRecord({ kind, epoch, step, values }: HistoryRecord): string {
  return `${JSON.stringify({ kind, epoch, step, values })}\n`;
}

/** What a line holds, or null where it is no record: torn, or of another file. */
export function parseRecord(line: string): HistoryRecord | null {
  try {
    return historyRecordSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
