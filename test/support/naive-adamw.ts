/** AdamW, line by line as in the documentation of torch.optim.AdamW, in double precision. */
export interface NaiveAdamWOptions {
  readonly lr: number;
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
}

export interface NaiveAdamWState {
  readonly theta: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

export function initialNaiveState(values: ArrayLike<number>): NaiveAdamWState {
  const zeros = () => new Float64Array(values.length);
  return { theta: Float64Array.from(values), m: zeros(), v: zeros() };
}

/** Takes a step in place. @param t number of the step, from 1 */
export function naiveAdamWStep(
  { theta, m, v }: NaiveAdamWState,
  g: ArrayLike<number>,
  t: number,
  options: NaiveAdamWOptions,
): void {
  const { lr, weightDecay, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  for (let i = 0; i < theta.length; i++) {
    theta[i]! -= lr * weightDecay * theta[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
    const mHat = m[i]! / (1 - beta1 ** t);
    const vHat = v[i]! / (1 - beta2 ** t);
    theta[i]! -= (lr * mHat) / (Math.sqrt(vHat) + eps);
  }
}
