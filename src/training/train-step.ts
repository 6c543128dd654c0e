import { CounterRandom } from '../util/counter-random.ts';
import { batchFeeds } from './data/batch-feeds.ts';
import type { TrainingPage, TrainingSet } from './data/training-set.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import type { Stepper, StepResult } from './stepper.ts';
import type { TrainingOptions } from './training-spec.ts';

export interface TrainStepOptions {
  readonly options: TrainingOptions;
  /** From 0 */
  readonly step: number;
  readonly rates: Readonly<Record<string, number>>;
  /** Pages that are computed at a time; made smaller here where memory does not do */
  readonly microBatch: { size: number };
  warn(message: string): void;
}

/**
 * One step over the pages of a batch, in as many parts as memory asks for: where it is not enough, the parts are halved
 * until it is, and stay so.
 */
export async function trainStep(
  stepper: Stepper,
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  { options, step, rates, microBatch, warn }: TrainStepOptions,
): Promise<StepResult> {
  for (;;) {
    try {
      const microBatches = [];
      for (let offset = 0; offset < pages.length; offset += microBatch.size) {
        const random = (purpose: string) => new CounterRandom(options.seed, step, offset, purpose);
        const feedOptions = {
          dropouts: stepper.dropouts,
          dropout: options.dropout,
          modalityDropout: options.modality_dropout,
        };
        microBatches.push(
          await batchFeeds(trainingSet, pages.slice(offset, offset + microBatch.size), feedOptions, random),
        );
      }
      return await stepper.step(microBatches, rates);
    } catch (error) {
      if (!isOutOfMemory(error) || microBatch.size === 1) throw error;
      microBatch.size = Math.ceil(microBatch.size / 2);
      warn(
        `memory was not enough at step ${step + 1}: batches are computed ${microBatch.size} pages at a time from here on`,
      );
    }
  }
}
