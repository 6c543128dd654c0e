import { CounterRandom } from '../util/counter-random.ts';

/**
 * Distributes books over folds of about equal numbers of panels: the largest first, each to the fold that has the fewest so far.
 * @param panelsByBook the number of panels of each book, in an order that depends on the dataset alone
 * @returns the books of each fold
 */
export function planFolds(panelsByBook: ReadonlyMap<string, number>, folds: number, seed: number): string[][] {
  const shuffled = new CounterRandom(seed, 'folds').shuffled([...panelsByBook]);
  const largestFirst = shuffled.sort(([, a], [, b]) => b - a);
  const result = Array.from({ length: folds }, () => ({ books: [] as string[], panels: 0 }));
  for (const [book, panels] of largestFirst) {
    const smallest = result.reduce((a, b) => (b.panels < a.panels ? b : a));
    smallest.books.push(book);
    smallest.panels += panels;
  }
  return result.map(({ books }) => books.sort());
}
