import { cosineLearningRate } from './cosine-schedule.ts';
import type { TrainingOptions } from './training-spec.ts';

/** Where the options leave them out: shares of the head's learning rate. */
const BACKBONE_RATE_FACTOR = 0.1;
const MIN_RATE_FACTOR = 0.01;

/** Learning rates of each group of weights, step by step. */
export class LearningRateSchedule {
  readonly #options: TrainingOptions;
  readonly #warmupSteps: number;
  readonly #steps: number;

  constructor(options: TrainingOptions, stepsPerEpoch: number) {
    this.#options = options;
    this.#warmupSteps = Math.round(Math.min(options.warmup_epochs, options.epochs) * stepsPerEpoch);
    this.#steps = options.epochs * stepsPerEpoch;
  }

  /** @param step from 0 */
  rates(step: number): { readonly head: number; readonly backbones: number } {
    const { learning_rate: peak, min_learning_rate: minRate, backbone_learning_rate: backbonePeak } = this.#options;
    const minimum = Math.min(peak, minRate ?? peak * MIN_RATE_FACTOR);
    const head = cosineLearningRate({ peak, minimum, warmupSteps: this.#warmupSteps, steps: this.#steps }, step);
    return { head, backbones: (head / peak) * (backbonePeak ?? peak * BACKBONE_RATE_FACTOR) };
  }
}
