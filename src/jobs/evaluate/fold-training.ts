import type { TrainingHooks } from '../../training/training-hooks.ts';
import type { TaskContext } from '../job-kind.ts';

/** What is trained on the pages of a fold. */
export interface FoldTraining {
  /** The folder of this training alone */
  readonly folder: string;
  readonly partFiles: readonly string[];
  /** Reports the share that is done, from 0 to 1, and the numbers of the current step. */
  onProgress(share: number, detail: Readonly<Record<string, number>>): void;
}

/** How the training of a contender reports. Its history is not kept: the contender is judged by its vectors. */
export function foldTrainingHooks(
  contender: string,
  onProgress: FoldTraining['onProgress'],
  { signal, log }: Pick<TaskContext, 'signal' | 'log'>,
): TrainingHooks {
  return {
    signal,
    onStart: () => log.info({ contender }, 'training starts'),
    onProgress: (done, total, detail) => onProgress(total > 0 ? done / total : 1, detail),
    onRecord: () => {},
    onWarning: (message) => log.warn({ contender }, message),
  };
}
