/** What a step of AdamW needs beside the numbers that it moves. */
export interface AdamW {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** PyTorch's defaults. */
export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Variables side by side, all of one length */
export interface AdamWState {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  /** Moments: running means of the gradients, and of their squares */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface AdamWStep extends AdamW {
  /** Factor of the gradients, from clipping and from the number of parts that they were added up from */
  readonly scale: number;
  readonly rate: number;
  /** From 1 on */
  readonly step: number;
}

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) as torch.optim.AdamW computes it, with decoupled decay on every
 * variable, over the elements from `begin` to `end`. Arithmetic is in double precision, and the numbers stay where they are:
 * each is read and written once, where a graph would pass over all of them a dozen times (docs/decisions/0014).
 */
export function adamw(
  { values, gradients, first, second }: AdamWState,
  options: AdamWStep,
  begin: number,
  end: number,
): void {
  const { beta1, beta2, epsilon, weightDecay, scale, rate, step } = options;
  const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
  const kept = 1 - rate * weightDecay;
  const stride = rate / (1 - beta1 ** step);
  const unbias = 1 / Math.sqrt(1 - beta2 ** step);
  for (let at = begin; at < end; at++) {
    const gradient = gradients[at]! * scale;
    const mean = first[at]! * beta1 + gradient * fresh1;
    const square = second[at]! * beta2 + gradient * gradient * fresh2;
    first[at] = mean;
    second[at] = square;
    values[at] = values[at]! * kept - (stride * mean) / (Math.sqrt(square) * unbias + epsilon);
  }
}
