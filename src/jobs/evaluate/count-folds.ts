import { refuseField } from '../train/refuse-field.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';

/** Folds where the spec gives no number of them */
const DEFAULT_FOLDS = 6;

/**
 * The number of folds; 0 where all pages are measured and nothing is trained.
 * @throws PanelvecError with the param where there are too few books
 */
export function countFolds(
  { folds, trainings, baselines }: Pick<EvaluateSpec, 'folds' | 'trainings' | 'baselines'>,
  books: number,
): number {
  if (folds !== null) {
    if (folds > books)
      refuseField('folds', `the dataset has ${books} ${books === 1 ? 'book' : 'books'}, too few for ${folds} folds`);
    return folds;
  }
  if (trainings.length + baselines.length === 0) return 0;
  if (books < 2) {
    const field = trainings.length > 0 ? 'trainings' : 'baselines';
    refuseField(
      field,
      'the dataset has one book alone, and nothing can be held out: give test_pss_labels, or measure models alone',
    );
  }
  return Math.min(DEFAULT_FOLDS, books);
}
