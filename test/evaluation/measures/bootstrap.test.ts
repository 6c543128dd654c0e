import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimate } from '../../../src/evaluation/measures/bootstrap.ts';
import { isLeftOut, meanStatistic, medianStatistic } from '../../../src/evaluation/measures/statistic.ts';
import { panelsOf } from '../../support/measured-panels.ts';
import { mulberry32 } from '../../support/mulberry32.ts';

const panelsOfBooks = (panels: number, books: number) =>
  panelsOf(Array.from({ length: panels }, (_, i) => [`book ${i % books}`, `page ${i}`] as const));

function requireEstimate(measure: ReturnType<typeof estimate>) {
  if (isLeftOut(measure)) throw new Error(measure.left_out);
  return measure;
}

describe('bootstrap intervals', () => {
  it('of a mean over panels are those of the normal distribution', () => {
    const random = mulberry32(1);
    const values = Array.from({ length: 400 }, () => random());
    const panels = panelsOfBooks(400, 2);
    const { value, low, high, count, resampled } = requireEstimate(
      estimate(panels, meanStatistic([...values.keys()], values)),
    );
    const mean = values.reduce((sum, x) => sum + x, 0) / 400;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 400);
    assert.equal(value, mean);
    assert.deepEqual([count, resampled], [400, 'panels']);
    const half = (1.96 * deviation) / Math.sqrt(400);
    assert.ok(Math.abs(mean - low - half) < 0.1 * half, `${mean - low} is not ${half}`);
    assert.ok(Math.abs(high - mean - half) < 0.1 * half, `${high - mean} is not ${half}`);
  });

  it('draw whole books where there are eight', () => {
    // All panels of a book have one value: the books are the only observations.
    const measureBooks = (books: number) => {
      const rows = Array.from({ length: 400 }, (_, i) => i);
      const values = rows.map((row) => (row % books) / books);
      return requireEstimate(estimate(panelsOfBooks(400, books), meanStatistic(rows, values)));
    };
    const [seven, eight] = [measureBooks(7), measureBooks(8)];
    assert.deepEqual([seven.resampled, eight.resampled], ['panels', 'books']);
    assert.ok(eight.high - eight.low > 4 * (seven.high - seven.low));
  });

  it('are the same each time', () => {
    const statistic = medianStatistic([...Array(20).keys()], [...Array(20).keys()]);
    const panels = panelsOfBooks(20, 2);
    assert.deepEqual(estimate(panels, statistic), estimate(panels, statistic));
    assert.equal(requireEstimate(estimate(panels, statistic)).value, 9.5);
  });

  it('are left out for too few panels, with the number', () => {
    const measure = estimate(panelsOfBooks(9, 2), meanStatistic([...Array(9).keys()], Array(9).fill(1)));
    assert.deepEqual(measure, { left_out: 'it takes 10 panels, and there are 9' });
  });

  it('are left out where the value is not a number', () => {
    const measure = estimate(panelsOfBooks(12, 2), meanStatistic([...Array(12).keys()], Array(12).fill(Number.NaN)));
    assert.deepEqual(measure, { left_out: 'the vectors give no finite number' });
  });
});
