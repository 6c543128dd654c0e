import { groupFolds } from './group-folds.ts';
import { type Kernel, ridgePredictions } from './kernel-ridge.ts';

const PENALTIES = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
const OUTER_FOLDS = 5;
const INNER_FOLDS = 4;

/** What tells which rows are alike, so that they are never predicted from each other. */
export interface RowGroups {
  groupOf(row: number): string;
  /** Smaller groups, for choosing a penalty where a single group is left */
  subgroupOf(row: number): string;
}

/**
 * Predicts each row by ridge regression from the rows of other groups, among which the penalty is chosen.
 * @param targets one list of values for each number to predict
 */
export function heldOutPredictions(
  kernel: Kernel,
  targets: readonly (readonly number[])[],
  groups: RowGroups,
): number[][] {
  const rows = Array.from({ length: kernel.size }, (_, row) => row);
  const predictions = targets.map(() => rows.map(() => Number.NaN));
  for (const test of groupFolds(rows, groups.groupOf, OUTER_FOLDS)) {
    const training = withoutRows(rows, test);
    const hasGroups = new Set(training.map(groups.groupOf)).size >= 2;
    const penalties = choosePenalties(kernel, targets, training, hasGroups ? groups.groupOf : groups.subgroupOf);
    const byPenalty = ridgePredictions(kernel, targets, training, test, penalties);
    for (const [t, values] of predictions.entries()) {
      for (const [j, row] of test.entries()) values[row] = byPenalty[t]?.[t]?.[j] ?? Number.NaN;
    }
  }
  return predictions;
}

/** For each target the penalty with the smallest error on folds of the training rows. */
function choosePenalties(
  kernel: Kernel,
  targets: readonly (readonly number[])[],
  training: readonly number[],
  groupOf: (row: number) => string,
): number[] {
  const errors = targets.map(() => PENALTIES.map(() => 0));
  for (const test of groupFolds(training, groupOf, INNER_FOLDS)) {
    const rest = withoutRows(training, test);
    if (rest.length === 0) continue;
    for (const [p, predictions] of ridgePredictions(kernel, targets, rest, test, PENALTIES).entries()) {
      for (const [t, predicted] of predictions.entries()) {
        const error = squaredError(
          predicted,
          test.map((row) => targets[t]?.[row] ?? Number.NaN),
        );
        const ofTarget = errors[t] ?? [];
        ofTarget[p] = (ofTarget[p] ?? 0) + error;
      }
    }
  }
  return errors.map((ofTarget) => PENALTIES[ofTarget.indexOf(Math.min(...ofTarget))] ?? 1);
}

function withoutRows(rows: readonly number[], left: readonly number[]): number[] {
  const leftOut = new Set(left);
  return rows.filter((row) => !leftOut.has(row));
}

function squaredError(predicted: readonly number[], actual: readonly number[]): number {
  return predicted.reduce((sum, value, i) => sum + (value - (actual[i] ?? Number.NaN)) ** 2, 0);
}
