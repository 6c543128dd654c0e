import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareStatistics } from '../../../src/evaluation/measures/comparison.ts';
import { isLeftOut, meanStatistic, type Statistic } from '../../../src/evaluation/measures/statistic.ts';
import { panelsOf } from '../../support/measured-panels.ts';
import { mulberry32 } from '../../support/mulberry32.ts';

const rows = Array.from({ length: 100 }, (_, i) => i);
const panels = panelsOf(rows.map((row) => [`book ${row % 3}`, `page ${row}`] as const));
const random = mulberry32(9);
const baseline = rows.map(() => Number(random() < 0.3));
const better = baseline.map((value, row) => (row < 12 ? 1 : value));

function compare(a: Statistic, b: Statistic, isLowerBetter = false) {
  const compared = compareStatistics(panels, a, b, isLowerBetter);
  if (isLeftOut(compared)) throw new Error(compared.left_out);
  return compared;
}

describe('paired comparisons', () => {
  it('have an interval much narrower than that of each', () => {
    const { difference, sign_test } = compare(meanStatistic(rows, better), meanStatistic(rows, baseline));
    assert.ok(difference.low > 0.01 && difference.high < 0.2, JSON.stringify(difference));
    assert.equal(sign_test?.worse, 0);
    assert.equal(sign_test?.better, Math.round(100 * difference.value));
    assert.ok((sign_test?.p ?? 1) < 0.05);
  });

  it('find no difference between equals', () => {
    const { difference, relative, sign_test } = compare(meanStatistic(rows, better), meanStatistic(rows, better));
    assert.deepEqual([difference.value, difference.low, difference.high, relative], [0, 0, 0, 0]);
    assert.deepEqual(sign_test, { better: 0, worse: 0, p: 1 });
  });

  it('know where less is better', () => {
    const { sign_test } = compare(meanStatistic(rows, better), meanStatistic(rows, baseline), true);
    assert.equal(sign_test?.better, 0);
  });

  it('have no relative difference to zero and less, and no sign test for what is no mean', () => {
    for (const value of [0, -0.2]) {
      const { relative, sign_test } = compare(meanStatistic(rows, better), { rows, compute: () => value });
      assert.deepEqual([relative, sign_test], [null, null]);
    }
  });

  it('are left out with the reason', () => {
    const reason = { left_out: 'no panel has the view description' };
    assert.deepEqual(compareStatistics(panels, meanStatistic(rows, better), reason), reason);
    const others = meanStatistic(rows.slice(1), better.slice(1));
    assert.deepEqual(compareStatistics(panels, meanStatistic(rows, better), others), {
      left_out: 'the two were measured on different panels',
    });
  });
});
