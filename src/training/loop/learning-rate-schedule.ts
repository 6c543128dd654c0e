import type { TrainingOptions } from '../training-spec.ts';

/** Defaults, as factors of the head's learning rate. */
const BACKBONE_RATE_FACTOR = 0.1;
const MIN_RATE_FACTOR = 0.01;

export interface CosineSchedule {
  readonly peak: number;
  readonly minimum: number;
  readonly warmupSteps: number;
  readonly steps: number;
}

/**
 * The learning rate of a step under linear warm-up and cosine decay.
 * @param step from 0
 */
export function cosineLearningRate({ peak, minimum, warmupSteps, steps }: CosineSchedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return minimum + ((peak - minimum) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** The learning rates of the head and of the backbones, step by step. */
export class LearningRateSchedule {
  readonly #head: CosineSchedule;
  /** Backbones follow the head's schedule, scaled to their own peak */
  readonly #backbonePeak: number;

  constructor(options: TrainingOptions, stepsPerEpoch: number) {
    const { learning_rate: peak, min_learning_rate: minRate, backbone_learning_rate: backbonePeak } = options;
    this.#head = {
      peak,
      minimum: Math.min(peak, minRate ?? peak * MIN_RATE_FACTOR),
      warmupSteps: Math.round(Math.min(options.warmup_epochs, options.epochs) * stepsPerEpoch),
      steps: options.epochs * stepsPerEpoch,
    };
    this.#backbonePeak = backbonePeak ?? peak * BACKBONE_RATE_FACTOR;
  }

  /** @param step from 0 */
  rates(step: number): { readonly head: number; readonly backbones: number } {
    const head = cosineLearningRate(this.#head, step);
    return { head, backbones: (head / this.#head.peak) * this.#backbonePeak };
  }
}
