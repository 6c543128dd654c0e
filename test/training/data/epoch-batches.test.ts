import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitPages } from '../../../src/training/data/dataset-split.ts';
import { epochBatches } from '../../../src/training/data/epoch-batches.ts';
import type { TrainingPage } from '../../../src/training/data/training-set.ts';

function makePages(books: readonly number[], markedIds: readonly string[] = []): TrainingPage[] {
  let firstRow = 0;
  return books.flatMap((count, book) =>
    Array.from({ length: count }, (_, i) => {
      const id = `book ${book}/${i}`;
      const page = {
        id,
        book: `book ${book}`,
        rows: 2,
        texts: 1,
        validation: markedIds.includes(id),
        part: 0,
        firstRow,
      };
      firstRow += 2;
      return page;
    }),
  );
}
const pageIds = (pages: readonly TrainingPage[]) => pages.map(({ id }) => id);
const bookNames = (pages: readonly TrainingPage[]) => [...new Set(pages.map(({ book }) => book))].sort();

describe('the batches of an epoch', () => {
  const pages = makePages([7, 5, 9, 2]);

  for (const pagesPerBook of [1, 2, 3, 50]) {
    it(`have every page once, in batches of equal size except the last: ${pagesPerBook} of a book together`, () => {
      const batches = epochBatches(pages, { size: 4, pagesPerBook, seed: 1 }, 0);
      assert.deepEqual(
        batches.map(({ length }) => length),
        [4, 4, 4, 4, 4, 3],
      );
      assert.deepEqual(pageIds(batches.flat()).sort(), pageIds(pages).sort());
    });

    it(`have the same order only for the same seed and epoch: ${pagesPerBook} of a book together`, () => {
      const order = (seed: number, epoch: number) =>
        pageIds(epochBatches(pages, { size: 4, pagesPerBook, seed }, epoch).flat());
      assert.deepEqual(order(1, 3), order(1, 3));
      assert.notDeepEqual(order(1, 3), order(1, 4));
      assert.notDeepEqual(order(1, 3), order(2, 3));
      assert.notDeepEqual(order(1, 0), pageIds(pages));
    });
  }

  it('keep pages of a book together, different ones in each epoch', () => {
    const evenPages = makePages([8, 8, 8]);
    const groupings = [0, 1, 2].map((epoch) => {
      const batches = epochBatches(evenPages, { size: 4, pagesPerBook: 4, seed: 1 }, epoch);
      for (const batch of batches) assert.equal(bookNames(batch).length, 1);
      return batches.map((batch) => pageIds(batch).sort().join()).sort();
    });
    assert.notDeepEqual(groupings[0], groupings[1]);
    assert.notDeepEqual(groupings[1], groupings[2]);
    const mixed = epochBatches(evenPages, { size: 4, pagesPerBook: 1, seed: 1 }, 0);
    assert.ok(mixed.some((batch) => bookNames(batch).length > 1));
  });
});

describe('the split', () => {
  it('holds out whole books, up to the fraction', () => {
    const pages = makePages([4, 4, 4, 4, 4]);
    for (let seed = 0; seed < 20; seed++) {
      const { training, validation } = splitPages(pages, 0.45, seed);
      assert.equal(validation.length, 8);
      assert.equal(training.length, 12);
      assert.ok(bookNames(training).every((book) => !bookNames(validation).includes(book)));
    }
    assert.deepEqual(splitPages(pages, 0.45, 3), splitPages(pages, 0.45, 3));
    const chosen = new Set(
      Array.from({ length: 20 }, (_, seed) => bookNames(splitPages(pages, 0.45, seed).validation).join()),
    );
    assert.ok(chosen.size > 3, 'the seed chooses the books');
  });

  it('skips a book that is too large, and takes others that fit', () => {
    const { validation } = splitPages(makePages([90, 4, 6]), 0.1, 1);
    assert.deepEqual(bookNames(validation), ['book 1', 'book 2']);
    assert.deepEqual(splitPages(makePages([50, 50]), 0.1, 1).validation, []);
  });

  it('is by page where there is one book', () => {
    const { training, validation } = splitPages(makePages([20]), 0.1, 1);
    assert.deepEqual([training.length, validation.length], [18, 2]);
  });

  it('keeps the order of the pages', () => {
    const pages = makePages([4, 4, 4, 4]);
    const { training, validation } = splitPages(pages, 0.5, 1);
    const positions = (subset: readonly TrainingPage[]) => subset.map((page) => pages.indexOf(page));
    for (const subset of [training, validation])
      assert.deepEqual(
        positions(subset),
        positions(subset).toSorted((a, b) => a - b),
      );
  });

  it('holds out marked pages, and the fraction of the rest', () => {
    const pages = makePages([4, 4, 4], ['book 0/1', 'book 1/0']);
    const marked = splitPages(pages, 0, 1);
    assert.deepEqual(pageIds(marked.validation), ['book 0/1', 'book 1/0']);
    assert.equal(marked.training.length, 10);
    const more = splitPages(pages, 0.4, 1);
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
      const pages = makePages(counts);
      const { training, validation } = splitPages(pages, fraction, 1);
      assert.ok(training.length > 0);
      assert.equal(training.length + validation.length, pages.length);
    });
  }

  it('does not train on a page that is both marked and not, nor validates it twice', () => {
    const marked = makePages([2], ['book 0/0', 'book 0/1']);
    const pages = [...makePages([4, 4, 4]), ...marked];
    for (const fraction of [0, 0.5]) {
      const { training, validation } = splitPages(pages, fraction, 1);
      const duplicates = pageIds(training).filter((id) => pageIds(validation).includes(id));
      assert.deepEqual(duplicates, []);
      assert.equal(new Set(pageIds(validation)).size, validation.length);
      assert.deepEqual(new Set([...pageIds(training), ...pageIds(validation)]), new Set(pageIds(pages)));
    }
  });
});
