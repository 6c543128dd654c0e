import { batchFeeds } from './data/feeds.ts';
import type { TrainingPage, TrainingSet } from './data/training-set.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import { CounterRandom } from './random/counter-random.ts';
import type { Stepper, StepResult } from './stepper.ts';
import type { TrainingOptions } from './training-spec.ts';

export interface StepSettings {
  readonly options: TrainingOptions;
  /** From 0 */
  readonly step: number;
  readonly rates: Readonly<Record<string, number>>;
  /** Pages that are computed at a time; made smaller here where memory does not do */
  readonly micro: { pages: number };
  note(message: string): void;
}

/**
 * One step over the pages of a batch, in as many parts as memory asks for: where it is not enough, the parts are halved
 * until it is, and stay so.
 */
export async function takeStep(
  stepper: Stepper,
  set: TrainingSet,
  pages: readonly TrainingPage[],
  { options, step, rates, micro, note }: StepSettings,
): Promise<StepResult> {
  for (;;) {
    try {
      const parts = [];
      for (let at = 0; at < pages.length; at += micro.pages) {
        const random = (purpose: string) => new CounterRandom(options.seed, step, at, purpose);
        const settings = {
          dropouts: stepper.dropouts,
          dropout: options.dropout,
          modalityDropout: options.modality_dropout,
        };
        parts.push(await batchFeeds(set, pages.slice(at, at + micro.pages), settings, random));
      }
      return await stepper.step(parts, rates);
    } catch (error) {
      if (!isOutOfMemory(error) || micro.pages === 1) throw error;
      micro.pages = Math.ceil(micro.pages / 2);
      note(
        `memory was not enough at step ${step + 1}: batches are computed ${micro.pages} pages at a time from here on`,
      );
    }
  }
}
