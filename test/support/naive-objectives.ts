/** The training objectives as their papers define them: row by row, in double precision, without matrices or masks. */
import { cosine } from './numeric.ts';

export type Matrix = readonly ArrayLike<number>[];

export function toRows(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from(values).slice(row * width, (row + 1) * width),
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

const mean = (values: readonly number[]) => (values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length);

/** Supervised contrastive loss: the positives of a panel are the other panels of its page. */
export function naiveContrastiveLoss(vectors: Matrix, page: readonly number[], temperature: number): number {
  const similarity = (i: number, j: number) => Math.exp(cosine(vectors[i]!, vectors[j]!) / temperature);
  const losses: number[] = [];
  for (const i of page.keys()) {
    const others = [...page.keys()].filter((j) => j !== i);
    const positives = others.filter((j) => page[j] === page[i]);
    if (positives.length === 0) continue;
    const total = others.reduce((sum, j) => sum + similarity(i, j), 0);
    losses.push(mean(positives.map((j) => -Math.log(similarity(i, j) / total))));
  }
  return mean(losses);
}

export interface PredictorWeights {
  /** Shapes of the four: (2 d, d), (2 d), (d, 2 d), (d) */
  readonly weight0: Matrix;
  readonly bias0: ArrayLike<number>;
  readonly weight3: Matrix;
  readonly bias3: ArrayLike<number>;
}

/** Mean square error of hidden panels, predicted from the mean of their page's others. @param targets rows to predict */
export function naiveReconstructionLoss(
  vectors: Matrix,
  targets: Matrix,
  page: readonly number[],
  maskedRows: readonly number[],
  predictor: PredictorWeights,
): number {
  const losses: number[] = [];
  for (const row of maskedRows) {
    const others = [...page.keys()].filter((j) => j !== row && page[j] === page[row]);
    if (others.length === 0) continue;
    const context = Array.from(vectors[row]!, (_, k) => mean(others.map((j) => vectors[j]![k]!)));
    const activations = predictor.weight0.map((weights, k) => gelu(dot(weights, context) + predictor.bias0[k]!));
    const prediction = predictor.weight3.map((weights, k) => dot(weights, activations) + predictor.bias3[k]!);
    losses.push(mean(prediction.map((value, k) => (value - targets[row]![k]!) ** 2)));
  }
  return mean(losses);
}

const gelu = (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2));

/** Error function by its series, which converges everywhere: 2 / sqrt(pi) * sum of (-1)^n x^(2n + 1) / (n! (2n + 1)). */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Cross-entropy of each included row of `first` against all included rows of `second`, and vice versa if symmetric. */
export function naiveAlignmentLoss(
  first: Matrix,
  second: Matrix,
  included: readonly number[],
  { temperature, symmetric }: { temperature: number; symmetric: boolean },
): number {
  const rows = [...included.keys()].filter((row) => included[row] === 1);
  const directedLoss = (from: Matrix, to: Matrix) =>
    mean(
      rows.map((i) => {
        const similarity = (j: number) => Math.exp(cosine(from[i]!, to[j]!) / temperature);
        return -Math.log(similarity(i) / rows.reduce((sum, j) => sum + similarity(j), 0));
      }),
    );
  return symmetric ? (directedLoss(first, second) + directedLoss(second, first)) / 2 : directedLoss(first, second);
}
