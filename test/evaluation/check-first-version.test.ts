import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkFirstVersion } from '../../src/evaluation/check-first-version.ts';
import type { ContenderResult } from '../../src/evaluation/evaluation-result.ts';
import { estimate, makeEvaluationResult } from '../support/evaluation-result.ts';

const [ours, v1] = makeEvaluationResult().contenders as [ContenderResult, ContenderResult];

/** The first version with one cosine of any two pictures, and one R2 of layouts. */
function firstVersion(cosine: number, r2: number): ContenderResult {
  const leakage = { aspect: estimate(r2), area: estimate(r2), panel_count: estimate(0) };
  const collapse = { ...v1.collapse.stored, all_pairs: estimate(cosine) };
  return {
    ...v1,
    collapse: { ...v1.collapse, picture: collapse },
    leakage: { ...v1.leakage, stored: leakage },
  } as ContenderResult;
}
const verdicts = (contender: ContenderResult) => checkFirstVersion([ours, contender]).map(({ is_shown }) => is_shown);

describe('the check of the first version', () => {
  it('says whether pictures are alike and whether vectors follow the layout', () => {
    assert.deepEqual(verdicts(firstVersion(0.8, 0.5)), [true, true]);
    assert.deepEqual(verdicts(firstVersion(0.79, 0.49)), [false, false]);
    const [pictures, layout] = checkFirstVersion([ours, firstVersion(0.95, 0.2)]);
    assert.equal(
      pictures!.statement,
      'The vectors of pictures alone are all alike: the mean cosine of any two is 0.95 (alike from 0.80 on); with ours it is 0.37.',
    );
    assert.match(
      layout!.statement,
      /^Stored vectors do not follow the layout: the mean R2 of aspect and area is 0.20 .*with ours it is/,
    );
  });

  it('says what could not be measured, and nothing without the first version', () => {
    const leftOut = { left_out: 'there are 3 panels' };
    const contender = {
      ...v1,
      collapse: { ...v1.collapse, picture: leftOut },
      leakage: { ...v1.leakage, stored: leftOut },
    };
    for (const check of checkFirstVersion([contender])) {
      assert.equal(check.is_shown, null);
      assert.match(check.statement, /could not be measured: there are 3 panels\.$/);
    }
    assert.deepEqual(checkFirstVersion([ours]), []);
  });
});
