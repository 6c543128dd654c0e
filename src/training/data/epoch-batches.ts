import { CounterRandom } from '../../util/counter-random.ts';
import type { TrainingPage } from './training-set.ts';

export interface BatchOptions {
  /** Pages */
  readonly size: number;
  /** Pages of one book that stay together, as each other's hard negatives; 1 mixes all books */
  readonly pagesPerBook: number;
  readonly seed: number;
}

/** Shuffles the pages of an epoch by seed and epoch, and cuts them into batches. The last batch may be smaller. */
export function epochBatches(pages: readonly TrainingPage[], options: BatchOptions, epoch: number): TrainingPage[][] {
  const random = new CounterRandom(options.seed, 'batches', epoch);
  const shuffled = random.shuffled(pages);
  const ordered = options.pagesPerBook > 1 ? shuffleByBook(shuffled, options.pagesPerBook, random) : shuffled;
  const batches: TrainingPage[][] = [];
  for (let offset = 0; offset < ordered.length; offset += options.size)
    batches.push(ordered.slice(offset, offset + options.size));
  return batches;
}

function shuffleByBook(pages: readonly TrainingPage[], pagesPerGroup: number, random: CounterRandom): TrainingPage[] {
  const groups: TrainingPage[][] = [];
  for (const book of Map.groupBy(pages, ({ book }) => book).values()) {
    for (let offset = 0; offset < book.length; offset += pagesPerGroup)
      groups.push(book.slice(offset, offset + pagesPerGroup));
  }
  return random.shuffled(groups).flat();
}
