import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { epochBatches } from '../../../src/training/data/batches.ts';
import { split } from '../../../src/training/data/split.ts';
import type { TrainingPage } from '../../../src/training/data/training-set.ts';

function pagesOf(books: readonly number[], marked: readonly string[] = []): TrainingPage[] {
  let first = 0;
  return books.flatMap((count, book) =>
    Array.from({ length: count }, (_, at) => {
      const id = `book ${book}/${at}`;
      const page = { id, book: `book ${book}`, rows: 2, texts: 1, validation: marked.includes(id), part: 0, first };
      first += 2;
      return page;
    }),
  );
}
const ids = (pages: readonly TrainingPage[]) => pages.map(({ id }) => id);
const books = (pages: readonly TrainingPage[]) => [...new Set(pages.map(({ book }) => book))].sort();

describe('the batches of an epoch', () => {
  const pages = pagesOf([7, 5, 9, 2]);

  for (const sameBook of [1, 2, 3, 50]) {
    it(`have every page once, in batches of the size but for the last: ${sameBook} of a book together`, () => {
      const batches = epochBatches(pages, { size: 4, sameBook, seed: 1 }, 0);
      assert.deepEqual(
        batches.map(({ length }) => length),
        [4, 4, 4, 4, 4, 3],
      );
      assert.deepEqual(ids(batches.flat()).sort(), ids(pages).sort());
    });

    it(`come in the same order for the same seed and epoch alone: ${sameBook} of a book together`, () => {
      const order = (seed: number, epoch: number) =>
        ids(epochBatches(pages, { size: 4, sameBook, seed }, epoch).flat());
      assert.deepEqual(order(1, 3), order(1, 3));
      assert.notDeepEqual(order(1, 3), order(1, 4));
      assert.notDeepEqual(order(1, 3), order(2, 3));
      assert.notDeepEqual(order(1, 0), ids(pages));
    });
  }

  it('bring pages of a book together, other ones each epoch', () => {
    const even = pagesOf([8, 8, 8]);
    const companies = [0, 1, 2].map((epoch) => {
      const batches = epochBatches(even, { size: 4, sameBook: 4, seed: 1 }, epoch);
      for (const batch of batches) assert.equal(books(batch).length, 1);
      return batches.map((batch) => ids(batch).sort().join()).sort();
    });
    assert.notDeepEqual(companies[0], companies[1]);
    assert.notDeepEqual(companies[1], companies[2]);
    const mixed = epochBatches(even, { size: 4, sameBook: 1, seed: 1 }, 0);
    assert.ok(mixed.some((batch) => books(batch).length > 1));
  });
});

describe('the split', () => {
  it('holds out whole books, up to the share', () => {
    const pages = pagesOf([4, 4, 4, 4, 4]);
    for (let seed = 0; seed < 20; seed++) {
      const { training, validation } = split(pages, 0.45, seed);
      assert.equal(validation.length, 8);
      assert.equal(training.length, 12);
      assert.ok(books(training).every((book) => !books(validation).includes(book)));
    }
    assert.deepEqual(split(pages, 0.45, 3), split(pages, 0.45, 3));
    const chosen = new Set(Array.from({ length: 20 }, (_, seed) => books(split(pages, 0.45, seed).validation).join()));
    assert.ok(chosen.size > 3, 'the seed chooses the books');
  });

  it('passes over a book that is too large, and takes what fits', () => {
    const { validation } = split(pagesOf([90, 4, 6]), 0.1, 1);
    assert.deepEqual(books(validation), ['book 1', 'book 2']);
    assert.deepEqual(split(pagesOf([50, 50]), 0.1, 1).validation, []);
  });

  it('is by pages where there is one book', () => {
    const { training, validation } = split(pagesOf([20]), 0.1, 1);
    assert.deepEqual([training.length, validation.length], [18, 2]);
  });

  it('keeps the order of the pages', () => {
    const pages = pagesOf([4, 4, 4, 4]);
    const { training, validation } = split(pages, 0.5, 1);
    const order = (some: readonly TrainingPage[]) => some.map((page) => pages.indexOf(page));
    for (const some of [training, validation])
      assert.deepEqual(
        order(some),
        order(some).toSorted((a, b) => a - b),
      );
  });

  it('holds out what is marked, and the share of the rest', () => {
    const pages = pagesOf([4, 4, 4], ['book 0/1', 'book 1/0']);
    const marked = split(pages, 0, 1);
    assert.deepEqual(ids(marked.validation), ['book 0/1', 'book 1/0']);
    assert.equal(marked.training.length, 10);
    const more = split(pages, 0.4, 1);
    assert.ok(more.validation.length > 2 && more.validation.length <= 6);
    assert.equal(more.training.length + more.validation.length, 12);
  });

  for (const [counts, fraction] of [
    [[3, 3], 1],
    [[1, 1, 1], 0.9],
    [[1], 0.9],
    [[10], 0.99],
  ] as const) {
    it(`leaves something to train on: ${counts.join(' and ')} pages, ${fraction}`, () => {
      const pages = pagesOf(counts);
      const { training, validation } = split(pages, fraction, 1);
      assert.ok(training.length > 0);
      assert.equal(training.length + validation.length, pages.length);
    });
  }

  it('does not train on a page that is both marked and not, nor weighs it twice', () => {
    const marked = pagesOf([2], ['book 0/0', 'book 0/1']);
    const pages = [...pagesOf([4, 4, 4]), ...marked];
    for (const fraction of [0, 0.5]) {
      const { training, validation } = split(pages, fraction, 1);
      const twice = ids(training).filter((id) => ids(validation).includes(id));
      assert.deepEqual(twice, []);
      assert.equal(new Set(ids(validation)).size, validation.length);
      assert.deepEqual(new Set([...ids(training), ...ids(validation)]), new Set(ids(pages)));
    }
  });
});
