import type { HistoryRecord } from './history/history-record.ts';

/** The caller's side of a training. */
export interface TrainingHooks {
  /** When it is aborted, the training saves a checkpoint and stops */
  readonly signal: AbortSignal;
  /** Called when the execution provider is chosen, and the training starts. */
  onStart(): void;
  /** Called after each step. @param done pages so far @param total pages of all epochs @param detail numbers of the step */
  onProgress(done: number, total: number, detail: Readonly<Record<string, number>>): void;
  /** Called with each record of the history. */
  onRecord(record: HistoryRecord): void;
  /** Called with messages for the log. */
  onWarning(message: string): void;
}

/** The result of a training, as in summary.json. */
export interface TrainingSummary {
  readonly epochs: number;
  readonly steps: number;
  /** Steps that were not applied, because their numbers were not finite */
  readonly skipped: number;
  readonly books: { readonly training: readonly string[]; readonly validation: readonly string[] };
  readonly pages: { readonly training: number; readonly validation: number };
  readonly panels: { readonly training: number; readonly validation: number };
  /** Metrics of the held-out pages before the first step */
  readonly baseline: Readonly<Record<string, number | null>> | null;
  /** The epoch whose weights are the result, with its metrics, 0 before the first step; null without validation, when it is the last epoch */
  readonly best: { readonly epoch: number; readonly measures: Readonly<Record<string, number | null>> } | null;
  /** The checkpoint that holds the result */
  readonly result: string;
  /** Warnings */
  readonly notes: readonly string[];
}
