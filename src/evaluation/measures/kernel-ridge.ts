import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { mean } from '../../util/arrays.ts';
import { dotProduct } from '../../util/vectors.ts';

/** A square matrix of products of rows. */
export interface Kernel {
  readonly size: number;
  readonly values: Float64Array;
}

/**
 * Ridge regression with an intercept that is not penalised, in the space of the rows: the work depends on their number, not on
 * the width of the vectors.
 * @param targets of all rows, one list for each number to predict
 * @param penalties one or more
 * @returns for each penalty, and for each target, the predictions of the test rows
 */
export function ridgePredictions(
  kernel: Kernel,
  targets: readonly (readonly number[])[],
  training: readonly number[],
  test: readonly number[],
  penalties: readonly number[],
): number[][][] {
  const product = (a: number, b: number) => kernel.values[a * kernel.size + b] ?? Number.NaN;
  const meanWith = (row: number) => mean(training.map((other) => product(row, other)));
  // Products of rows from which the mean of the training rows is subtracted.
  const trainingMeans = training.map(meanWith);
  const testMeans = test.map(meanWith);
  const total = mean(trainingMeans);
  // The means are added first, so that the system is symmetric to the last bit.
  const centred = (a: number, meanOfA: number, b: number, meanOfB: number) =>
    product(a, b) - (meanOfA + meanOfB) + total;
  const targetMeans = targets.map((target) => mean(training.map((row) => target[row] ?? Number.NaN)));
  const centredTargets = new Matrix(
    training.map((row) => targets.map((target, t) => (target[row] ?? Number.NaN) - (targetMeans[t] ?? 0))),
  );
  const system = training.map((a, i) =>
    training.map((b, j) => centred(a, trainingMeans[i] ?? 0, b, trainingMeans[j] ?? 0)),
  );
  const testProducts = test.map((a, i) =>
    training.map((b, j) => centred(a, testMeans[i] ?? 0, b, trainingMeans[j] ?? 0)),
  );
  return penalties.map((penalty) => {
    const matrix = new Matrix(system).add(Matrix.eye(training.length).mul(penalty));
    const solution = new CholeskyDecomposition(matrix).solve(centredTargets);
    return targetMeans.map((targetMean, t) => {
      const coefficients = solution.getColumn(t);
      return testProducts.map((products) => targetMean + dotProduct(products, coefficients));
    });
  });
}
