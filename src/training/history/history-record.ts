import { z } from 'zod';

/** One line of a training's history. */
export interface HistoryRecord {
  readonly kind: 'step' | 'epoch';
  /** From 1 */
  readonly epoch: number;
  /** Completed steps */
  readonly step: number;
  /** Values by name, such as loss, grad_norm, validation_loss. NaN where a value is not finite, as in a skipped step */
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
 * back as NaN.
 */
export function formatRecord({ kind, epoch, step, values }: HistoryRecord): string {
  return `${JSON.stringify({ kind, epoch, step, values })}\n`;
}

/** Parses a line of a history. Returns null where it is not a record. */
export function parseRecord(line: string): HistoryRecord | null {
  try {
    return historyRecordSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
