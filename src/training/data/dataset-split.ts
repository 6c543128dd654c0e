import { CounterRandom } from '../../util/counter-random.ts';
import type { TrainingPage } from './training-set.ts';

/** Pages to train on, and pages that are held out. */
export interface DatasetSplit {
  readonly training: readonly TrainingPage[];
  readonly validation: readonly TrainingPage[];
}

/**
 * Holds out the pages that the dataset marks, and of the rest whole books up to a fraction of the pages, or single pages where
 * there is only one book. Pages of a book look alike: one of a book that was trained on would be no test.
 */
export function splitPages(pages: readonly TrainingPage[], fraction: number, seed: number): DatasetSplit {
  const heldOut = new Set(pages.filter(({ validation }) => validation));
  const markedIds = new Set([...heldOut].map(({ id }) => id));
  // A page may occur twice, marked and not: it is then not trained on.
  const rest = pages.filter(({ id }) => !markedIds.has(id));
  const books = Map.groupBy(rest, ({ book }) => book);
  const groups = books.size > 1 ? [...books.values()] : rest.map((page) => [page]);
  let validationQuota = Math.round(fraction * rest.length);
  let remaining = rest.length;
  for (const group of new CounterRandom(seed, 'split').shuffled(groups)) {
    // Something must be left to train on.
    if (group.length > validationQuota || group.length === remaining) continue;
    for (const page of group) heldOut.add(page);
    validationQuota -= group.length;
    remaining -= group.length;
  }
  return { training: rest.filter((page) => !heldOut.has(page)), validation: pages.filter((page) => heldOut.has(page)) };
}
