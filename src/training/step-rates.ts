import { learningRate } from './schedule.ts';
import type { TrainingOptions } from './training-spec.ts';

/** Where the options leave them out: shares of the head's learning rate. */
const BACKBONE_SHARE = 0.1;
const LEAST_SHARE = 0.01;

/** Learning rates of each group of weights, step by step. */
export class StepRates {
  readonly #options: TrainingOptions;
  readonly #warmupSteps: number;
  readonly #steps: number;

  constructor(options: TrainingOptions, stepsPerEpoch: number) {
    this.#options = options;
    this.#warmupSteps = Math.round(Math.min(options.warmup_epochs, options.epochs) * stepsPerEpoch);
    this.#steps = options.epochs * stepsPerEpoch;
  }

  /** @param step from 0 */
  at(step: number): { readonly head: number; readonly backbones: number } {
    const { learning_rate: peak, min_learning_rate: given, backbone_learning_rate: backbones } = this.#options;
    const least = Math.min(peak, given ?? peak * LEAST_SHARE);
    const head = learningRate({ peak, least, warmupSteps: this.#warmupSteps, steps: this.#steps }, step);
    return { head, backbones: (head / peak) * (backbones ?? peak * BACKBONE_SHARE) };
  }
}
