import type { HistoryRecord } from '../history/history-record.ts';
import type { TrainingSummary } from '../training-hooks.ts';
import type { TrainingPlan } from '../training-plan.ts';

/** What a training process reports while it trains. */
export type TrainerEvent =
  /** The provider is chosen: what is written to stderr from here on is meant to be read. */
  | { readonly type: 'started' }
  | {
      readonly type: 'progress';
      readonly done: number;
      readonly total: number;
      readonly detail: Readonly<Record<string, number>>;
    }
  | { readonly type: 'record'; readonly record: HistoryRecord }
  | { readonly type: 'warning'; readonly message: string };

/** What a training process can be asked over its pipe. */
export type TrainerMethods = {
  /** Trains once. When it is cancelled, it keeps a checkpoint and fails. */
  train(plan: TrainingPlan, emit: (event: TrainerEvent) => void): TrainingSummary;
};
