/** The objectives of training, row by row in double precision, as their papers have them: no matrices, no masks. */
export type Rows = readonly ArrayLike<number>[];

export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from(values).slice(row * width, (row + 1) * width),
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const mean = (values: readonly number[]) => (values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length);

/** Each panel against all others: those of its page share what is not left to the rest. */
export function plainContrastive(vectors: Rows, page: readonly number[], temperature: number): number {
  const likeness = (i: number, j: number) => Math.exp(cosine(vectors[i]!, vectors[j]!) / temperature);
  const perPanel: number[] = [];
  for (const i of page.keys()) {
    const others = [...page.keys()].filter((j) => j !== i);
    const positives = others.filter((j) => page[j] === page[i]);
    if (positives.length === 0) continue;
    const all = others.reduce((sum, j) => sum + likeness(i, j), 0);
    perPanel.push(mean(positives.map((j) => -Math.log(likeness(i, j) / all))));
  }
  return mean(perPanel);
}

export interface PlainGuess {
  /** (2 d, d), (2 d), (d, 2 d), (d): the two layers */
  readonly weight0: Rows;
  readonly bias0: ArrayLike<number>;
  readonly weight3: Rows;
  readonly bias3: ArrayLike<number>;
}

/** @param targets where the hidden panels are taken from */
export function plainReconstruction(
  vectors: Rows,
  targets: Rows,
  page: readonly number[],
  hidden: readonly number[],
  guess: PlainGuess,
): number {
  const perPage: number[] = [];
  for (const row of hidden) {
    const others = [...page.keys()].filter((j) => j !== row && page[j] === page[row]);
    if (others.length === 0) continue;
    const context = Array.from(vectors[row]!, (_, k) => mean(others.map((j) => vectors[j]![k]!)));
    const inner = guess.weight0.map((weights, k) => gelu(dot(weights, context) + guess.bias0[k]!));
    const found = guess.weight3.map((weights, k) => dot(weights, inner) + guess.bias3[k]!);
    perPage.push(mean(found.map((value, k) => (value - targets[row]![k]!) ** 2)));
  }
  return mean(perPage);
}

const gelu = (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2));

/** By its series, which converges everywhere: 2 / sqrt(pi) * sum of (-1)^n x^(2n + 1) / (n! (2n + 1)). */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Among those that take part, each first against all seconds; and the other way round where it is symmetric. */
export function plainAlignment(
  first: Rows,
  second: Rows,
  both: readonly number[],
  { temperature, symmetric }: { temperature: number; symmetric: boolean },
): number {
  const rows = [...both.keys()].filter((row) => both[row] === 1);
  const toward = (from: Rows, to: Rows) =>
    mean(
      rows.map((i) => {
        const likeness = (j: number) => Math.exp(cosine(from[i]!, to[j]!) / temperature);
        return -Math.log(likeness(i) / rows.reduce((sum, j) => sum + likeness(j), 0));
      }),
    );
  return symmetric ? (toward(first, second) + toward(second, first)) / 2 : toward(first, second);
}
