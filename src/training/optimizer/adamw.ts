/** What of AdamW stays the same over a training. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** PyTorch's defaults. */
export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export interface AdamWStep extends AdamWOptions {
  /** Factor of the gradients, from clipping and from the number of parts that they were added up from */
  readonly scale: number;
  readonly rate: number;
  /** From 1 on */
  readonly step: number;
}

/** The last numbers that the kernel takes, see kernels.wat. */
export type AdamWArguments = readonly [
  scale: number,
  beta1: number,
  fresh1: number,
  beta2: number,
  fresh2: number,
  kept: number,
  stride: number,
  unbias: number,
  epsilon: number,
];

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) as torch.optim.AdamW computes it, with decoupled decay on every
 * variable: what its corrections of the moments' bias come to at a step.
 */
export function adamwArguments({ beta1, beta2, epsilon, weightDecay, scale, rate, step }: AdamWStep): AdamWArguments {
  const stepSize = rate / (1 - beta1 ** step);
  const inverseBiasCorrection2 = 1 / Math.sqrt(1 - beta2 ** step);
  return [scale, beta1, 1 - beta1, beta2, 1 - beta2, 1 - rate * weightDecay, stepSize, inverseBiasCorrection2, epsilon];
}
