import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planFolds } from '../../src/evaluation/plan-folds.ts';

const BOOKS = new Map([
  ['long', 40],
  ['a', 11],
  ['b', 9],
  ['c', 10],
  ['d', 10],
  ['short', 1],
]);

describe('folds of books', () => {
  it('hold each book once, and about as many panels each', () => {
    const folds = planFolds(BOOKS, 2, 42);
    assert.deepEqual(folds.flat().sort(), [...BOOKS.keys()].sort());
    const panels = folds.map((books) => books.reduce((sum, book) => sum + BOOKS.get(book)!, 0));
    assert.deepEqual(panels.sort(), [40, 41]);
  });

  it('depend on the seed where books are of one size, and on nothing else', () => {
    const equal = new Map(Array.from({ length: 12 }, (_, i) => [`book ${i}`, 5]));
    assert.deepEqual(planFolds(equal, 3, 1), planFolds(equal, 3, 1));
    assert.notDeepEqual(planFolds(equal, 3, 1), planFolds(equal, 3, 2));
    for (const fold of planFolds(equal, 3, 1)) assert.equal(fold.length, 4);
  });
});
