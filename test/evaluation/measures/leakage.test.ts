import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimate } from '../../../src/evaluation/measures/bootstrap.ts';
import { groupFolds } from '../../../src/evaluation/measures/group-folds.ts';
import { measureLeakage } from '../../../src/evaluation/measures/leakage.ts';
import { isLeftOut } from '../../../src/evaluation/measures/statistic.ts';
import { makePanels, panelsOf, toVectors } from '../../support/measured-panels.ts';
import { seeded } from '../../support/numeric.ts';

const random = seeded(5);
const aspects = Array.from({ length: 80 }, () => 1.2 + 0.8 * random());
const { panels } = panelsOf(aspects.map((_, i) => [`book ${i % 4}`, `page ${i % 16}`] as const));
const measured = makePanels(panels.map((panel, i) => ({ ...panel, aspect: aspects[i]! })));

function aspectOf(vectors: ReturnType<typeof toVectors>, of = measured) {
  const measure = estimate(of, measureLeakage(of, vectors).aspect);
  return isLeftOut(measure) ? Number.NaN : measure.value;
}

describe('layout leakage', () => {
  it('is near one where the vector holds the aspect', () => {
    const telling = toVectors(aspects.map((aspect) => [aspect, random() * 0.05, 3]));
    assert.ok(aspectOf(telling) > 0.95, `${aspectOf(telling)}`);
  });

  it('is near zero, or below, where it does not', () => {
    const silent = toVectors(aspects.map(() => Array.from({ length: 16 }, () => random())));
    assert.ok(aspectOf(silent) < 0.1, `${aspectOf(silent)}`);
  });

  it('does not count what tells a book and nothing else', () => {
    // Within a book the vector is noise; across books its number means nothing.
    const byBook = makePanels(panels.map((panel, i) => ({ ...panel, aspect: (i % 4) + 0.01 * aspects[i]! })));
    const oneHot = toVectors(panels.map((_, i) => [0, 1, 2, 3].map((book) => (i % 4 === book ? 1 : 0.01 * random()))));
    assert.ok(aspectOf(oneHot, byBook) < 0.1, `${aspectOf(oneHot, byBook)}`);
  });

  it('is left out with the reason', () => {
    const oneBook = panelsOf(Array.from({ length: 30 }, () => ['book', 'page'] as const));
    const vectors = toVectors(oneBook.panels.map((_, i) => [i, 1]));
    assert.deepEqual(measureLeakage(oneBook, vectors).area, { left_out: 'it takes 20 panels of two books' });
    const [broken] = [toVectors(panels.map((_, i) => [i === 3 ? Number.NaN : i, 1]))];
    assert.deepEqual(measureLeakage(measured, broken).aspect, { left_out: 'some vectors are not finite' });
    assert.deepEqual(measureLeakage(measured, toVectors(panels.map((_, i) => [i, 1]))).area, {
      left_out: 'all panels have the same value',
    });
  });

  it('never splits a book', () => {
    const folds = groupFolds([...Array(80).keys()], (row) => `book ${row % 7}`, 5);
    assert.equal(folds.length, 5);
    const books = folds.map((fold) => new Set(fold.map((row) => row % 7)));
    assert.equal(
      books.reduce((sum, { size }) => sum + size, 0),
      7,
    );
  });
});
