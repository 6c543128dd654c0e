import type { HistoryRecord } from './history/history-record.ts';

/** Who is told how a training goes. */
export interface TrainingHooks {
  /** Aborted, the training keeps a checkpoint and stops. */
  readonly signal: AbortSignal;
  /** The place of the computation is found, and the training begins. */
  onStart(): void;
  /** Pages so far and in all, and the numbers of the last step. Called after each step. */
  onProgress(done: number, total: number, detail: Readonly<Record<string, number>>): void;
  /** A line of the history */
  onRecord(record: HistoryRecord): void;
  /** Something that whoever reads the log should know */
  onWarning(message: string): void;
}

/** What came of a training. */
export interface TrainingSummary {
  readonly epochs: number;
  readonly steps: number;
  /** Passed over, as their numbers were not finite */
  readonly skipped: number;
  readonly pages: { readonly training: number; readonly validation: number };
  readonly panels: { readonly training: number; readonly validation: number };
  /** Measures of the held-out pages before the first step */
  readonly baseline: Readonly<Record<string, number | null>> | null;
  /** The epoch whose weights are the result, with its measures; null without validation: then it is the last */
  readonly best: { readonly epoch: number; readonly measures: Readonly<Record<string, number | null>> } | null;
  /** The checkpoint that holds the result */
  readonly result: string;
  /** What was noted on the way */
  readonly notes: readonly string[];
}
