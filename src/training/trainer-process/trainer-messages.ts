import type { ErrorCode } from '../../errors.ts';
import type { HistoryRecord } from '../history/history-record.ts';
import type { TrainingSummary } from '../training-hooks.ts';
import type { TrainingPlan } from '../training-plan.ts';

export type MessageToTrainer =
  | { readonly type: 'train'; readonly plan: TrainingPlan }
  /** Keep a checkpoint and stop */
  | { readonly type: 'stop' };

export type MessageFromTrainer =
  /** The provider is chosen: what is written to stderr from here on is meant to be read */
  | { readonly type: 'begun' }
  | {
      readonly type: 'progress';
      readonly done: number;
      readonly total: number;
      readonly detail: Readonly<Record<string, number>>;
    }
  | { readonly type: 'record'; readonly record: HistoryRecord }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'done'; readonly summary: TrainingSummary }
  | { readonly type: 'stopped' }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly param: string | undefined;
    };
