import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimate } from '../../../src/evaluation/measures/bootstrap.ts';
import { measureClustering } from '../../../src/evaluation/measures/clustering.ts';
import { isLeftOut } from '../../../src/evaluation/measures/statistic.ts';
import { panelsOf, toVectors } from '../../support/measured-panels.ts';
import { seeded } from '../../support/numeric.ts';

const BOOKS = 3;
const panels = panelsOf(Array.from({ length: 60 }, (_, i) => [`book ${i % BOOKS}`, `page ${i % 12}`] as const));
const random = seeded(3);
const noisy = (center: readonly number[], noise: number) => center.map((value) => value + noise * random());
const axes = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
];
/** Vectors of a book lie together. */
const byBook = toVectors(panels.panels.map((_, i) => noisy(axes[i % BOOKS]!, 0.1)));

function measure(...args: Parameters<typeof measureClustering>) {
  const measured = measureClustering(...args);
  if (isLeftOut(measured)) throw new Error(measured.left_out);
  return measured;
}

describe('clustering', () => {
  it('finds the books that lie together', () => {
    const { k, nmi, ari, silhouette } = measure(panels, byBook, 'books');
    assert.equal(k, BOOKS);
    for (const statistic of [nmi.book, ari.book]) {
      const found = estimate(panels, statistic);
      assert.ok(!isLeftOut(found) && found.value === 1 && found.low > 0.99 && found.high < 1.01, JSON.stringify(found));
    }
    const ofVectors = estimate(panels, silhouette);
    assert.ok(!isLeftOut(ofVectors) && ofVectors.value > 0.8);
  });

  it('has an interval around the value, though resamples have panels twice', () => {
    const random2 = toVectors(panels.panels.map(() => noisy([0, 0, 0, 0], 1)));
    const { nmi } = measure(panels, random2, 'ten');
    const found = estimate(panels, nmi.book);
    assert.ok(!isLeftOut(found) && found.low < found.value && found.value < found.high, JSON.stringify(found));
  });

  it('clusters each gallery alone, and is the mean over them', () => {
    const rows = panels.panels.map((_, row) => row);
    // In the second gallery the axes are exchanged: only together they would be mixed up.
    const exchanged = toVectors(panels.panels.map((_, i) => noisy(axes[(i < 30 ? i : i + 1) % BOOKS]!, 0.05)));
    const folds = { ...panels, galleries: [rows.slice(0, 30), rows.slice(30)] };
    const valueFrom = (of: typeof panels) => estimate(of, measure(of, exchanged, 'books').nmi.book);
    const [apart, together] = [valueFrom(folds), valueFrom(panels)];
    assert.ok(!isLeftOut(apart) && Math.abs(apart.value - 1) < 1e-9, JSON.stringify(apart));
    assert.ok(!isLeftOut(together) && together.value < 0.9, JSON.stringify(together));
  });

  it('is left out with the reason', () => {
    const alike = toVectors(panels.panels.map(() => [1, 0]));
    const broken = toVectors(panels.panels.map((_, i) => [i === 5 ? Number.NaN : 1, 0]));
    const few = panelsOf(Array.from({ length: 12 }, (_, i) => [`book ${i % 2}`, 'page'] as const));
    const oneBook = panelsOf(Array.from({ length: 30 }, () => ['book', 'page'] as const));
    const reason = (...args: Parameters<typeof measureClustering>) => {
      const measured = measureClustering(...args);
      return isLeftOut(measured) ? measured.left_out : null;
    };
    assert.equal(reason(panels, alike, 'ten'), 'there are only 1 different vectors for 10 clusters');
    assert.equal(reason(panels, broken, 'ten'), 'some vectors are not finite');
    assert.equal(
      reason(few, toVectors(few.panels.map((_, i) => [i, 1])), 'ten'),
      '12 panels are too few for 10 clusters',
    );
    assert.match(reason(oneBook, toVectors(oneBook.panels.map((_, i) => [i, 1])), 'books') ?? '', /of one book/);
    assert.deepEqual(measure(panels, byBook, 'ten').nmi.page_type, {
      left_out: 'the panels do not differ in their page type',
    });
  });
});
