import { CounterRandom } from '../random/counter-random.ts';
import type { TrainingPage } from './training-set.ts';

export interface BatchOptions {
  /** Pages */
  readonly size: number;
  /** Pages of one book that come together, each other's hard negatives: 1 mixes all books */
  readonly sameBook: number;
  readonly seed: number;
}

/** The pages of an epoch in batches, in an order that the seed and the epoch give. The last batch may be smaller. */
export function epochBatches(pages: readonly TrainingPage[], options: BatchOptions, epoch: number): TrainingPage[][] {
  const random = new CounterRandom(options.seed, 'batches', epoch);
  const shuffled = random.shuffled(pages);
  const ordered = options.sameBook > 1 ? together(shuffled, options.sameBook, random) : shuffled;
  const batches: TrainingPage[][] = [];
  for (let at = 0; at < ordered.length; at += options.size) batches.push(ordered.slice(at, at + options.size));
  return batches;
}

function together(pages: readonly TrainingPage[], count: number, random: CounterRandom): TrainingPage[] {
  const groups: TrainingPage[][] = [];
  for (const book of Map.groupBy(pages, ({ book }) => book).values()) {
    for (let at = 0; at < book.length; at += count) groups.push(book.slice(at, at + count));
  }
  return random.shuffled(groups).flat();
}
