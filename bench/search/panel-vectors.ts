import { elementAt } from '../../src/util/arrays.ts';
import { CounterRandom } from '../../src/util/counter-random.ts';
import { toUnitLength } from '../../src/util/vectors.ts';

export const PANELS_PER_BOOK = 150;
/** Rows and books from here on are in no collection. */
const FIRST_QUERY_ROW = 2 ** 30;
/** Half of the queries are of the first books, which every collection has; the others are of books that none has. */
const QUERIED_BOOKS = 50;
/** With these two, the cosines of neighbours and within books are those of real panels (docs/benchmarks.md). */
const PANEL_SCALE = 0.7;
const BOOK_SCALE = 0.7;
/** A mix of two panels has two thirds of the variance of one, on average; the noise adds what is left. */
const NOISE_SCALE = Math.sqrt(1 - (2 / 3) * PANEL_SCALE ** 2);
/** Noise is a combination of so many differences. */
const NOISE_TERMS = 8;
/** Random numbers of a row that come before those of its noise */
const NOISE_DRAW = 3;

export interface BasePanel {
  readonly book: string;
  readonly vector: Float32Array;
}

/**
 * Any number of panels that are distributed like some real ones. The centre of a book is the mean of real books and a random
 * combination of their differences from it. Its panels are mixes of two panels of one real book with a random weight, moved to that
 * centre, and a random combination of differences of real panels from the mean of their book. A row depends on the seed and its
 * number alone.
 */
export class PanelVectors {
  readonly dimensions: number;
  readonly #seed: number;
  readonly #mean: Float32Array;
  /** The panels of each real book, less their mean */
  readonly #books: readonly (readonly Float32Array[])[];
  readonly #panelDifferences: readonly Float32Array[];
  readonly #bookDifferences: readonly Float32Array[];

  /** @throws RangeError if no book has two panels */
  constructor(base: readonly BasePanel[], seed: number) {
    this.#seed = seed;
    const books = [...Map.groupBy(base, ({ book }) => book).values()]
      .filter((panels) => panels.length > 1)
      .map((panels) => panels.map(({ vector }) => toUnitLength(vector)));
    const means = books.map(meanOf);
    this.#mean = meanOf(means);
    this.dimensions = this.#mean.length;
    this.#bookDifferences = means.map((mean) => difference(mean, this.#mean));
    this.#books = books.map((panels, book) => panels.map((panel) => difference(panel, elementAt(means, book))));
    this.#panelDifferences = this.#books.flat();
  }

  /** The panel of a row, a vector of unit length. */
  panel(row: number): Float32Array {
    return this.#make(row, Math.floor(row / PANELS_PER_BOOK));
  }

  /** A panel that no collection holds. */
  query(index: number): Float32Array {
    const book = index % 2 === 0 ? (index / 2) % QUERIED_BOOKS : FIRST_QUERY_ROW + index;
    return this.#make(FIRST_QUERY_ROW + index, book);
  }

  #make(row: number, book: number): Float32Array {
    const random = new CounterRandom(this.#seed, 'panel', row);
    const panels = elementAt(this.#books, book % this.#books.length);
    const first = random.integer(0, panels.length);
    const second = (first + 1 + random.integer(1, panels.length - 1)) % panels.length;
    const weight = random.uniform(2);
    const vector = this.#mean.slice();
    addScaled(vector, elementAt(panels, first), PANEL_SCALE * weight);
    addScaled(vector, elementAt(panels, second), PANEL_SCALE * (1 - weight));
    addCombination(vector, this.#panelDifferences, NOISE_SCALE, random, NOISE_DRAW);
    addCombination(vector, this.#bookDifferences, BOOK_SCALE, new CounterRandom(this.#seed, 'book', book), 0);
    return toUnitLength(vector);
  }
}

function addCombination(
  target: Float32Array,
  differences: readonly Float32Array[],
  scale: number,
  random: CounterRandom,
  firstDraw: number,
): void {
  for (let term = 0; term < NOISE_TERMS; term++) {
    const draw = firstDraw + 3 * term;
    const chosen = elementAt(differences, random.integer(draw, differences.length));
    addScaled(target, chosen, (scale / Math.sqrt(NOISE_TERMS)) * normal(random, draw + 1));
  }
}

/** A number of the standard normal distribution, from two draws (Box and Muller). */
function normal(random: CounterRandom, draw: number): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform(draw))) * Math.cos(2 * Math.PI * random.uniform(draw + 1));
}

function addScaled(target: Float32Array, vector: Float32Array, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + scale * (vector[i] ?? 0);
}

function difference(vector: Float32Array, mean: Float32Array): Float32Array {
  return vector.map((value, i) => value - (mean[i] ?? 0));
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(elementAt(vectors, 0).length);
  for (const vector of vectors) addScaled(mean, vector, 1 / vectors.length);
  return mean;
}
