import { CounterRandom } from '../../util/counter-random.ts';
import type { TrainingPage } from './training-set.ts';

export interface DatasetSplit {
  readonly training: readonly TrainingPage[];
  readonly validation: readonly TrainingPage[];
}

/**
 * The pages that the dataset marks are held out; of the rest, whole books up to the given share of the pages, or pages where
 * there is only one book. Books look like themselves: a page of one that was trained on is no test.
 */
export function splitPages(pages: readonly TrainingPage[], fraction: number, seed: number): DatasetSplit {
  const heldOut = new Set(pages.filter(({ validation }) => validation));
  const markedIds = new Set([...heldOut].map(({ id }) => id));
  // A page may be there twice, from the labels of either side: what is marked is not trained on.
  const rest = pages.filter(({ id }) => !markedIds.has(id));
  const books = Map.groupBy(rest, ({ book }) => book);
  const groups = books.size > 1 ? [...books.values()] : rest.map((page) => [page]);
  let validationQuota = Math.round(fraction * rest.length);
  let remaining = rest.length;
  for (const group of new CounterRandom(seed, 'split').shuffled(groups)) {
    // Never all: something must be left to train on.
    if (group.length > validationQuota || group.length === remaining) continue;
    for (const page of group) heldOut.add(page);
    validationQuota -= group.length;
    remaining -= group.length;
  }
  return { training: rest.filter((page) => !heldOut.has(page)), validation: pages.filter((page) => heldOut.has(page)) };
}
