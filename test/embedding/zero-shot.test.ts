import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toScores } from '../../src/embedding/zero-shot.ts';
import { maxDifference } from '../support/numeric.ts';

/** Expected numbers by hand: logits 3, 1 and -2 */
const COSINES = [0.3, 0.1, -0.2];

describe('scores of cosines', () => {
  it('are a softmax that adds up to 1, or the sigmoid of each', () => {
    const softmax = toScores(COSINES, { kind: 'softmax', temperature: 0.1, bias: 0 });
    const powers = [Math.E ** 3, Math.E, Math.E ** -2];
    const sum = powers[0]! + powers[1]! + powers[2]!;
    assert.ok(
      maxDifference(
        softmax,
        powers.map((power) => power / sum),
      ) < 1e-12,
    );
    const sigmoid = toScores(COSINES, { kind: 'sigmoid', temperature: 0.1, bias: -1 });
    assert.ok(
      maxDifference(
        sigmoid,
        [2, 0, -3].map((logit) => 1 / (1 + Math.E ** -logit)),
      ) < 1e-12,
    );
  });

  it('are finite at any temperature', () => {
    for (const kind of ['softmax', 'sigmoid'] as const) {
      assert.deepEqual(toScores([1, -1], { kind, temperature: 1e-6, bias: 0 }), [1, 0]);
    }
  });
});
