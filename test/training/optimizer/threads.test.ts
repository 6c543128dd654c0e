import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PIECE } from '../../../src/training/optimizer/work.ts';
import { worstError } from '../../support/central-differences.ts';
import { draw, withOptimizer } from '../../support/optimizers.ts';
import { type PlainState, plainAdamW, plainState } from '../../support/plain-adamw.ts';

const TOLERANCE = 2e-6;

describe('threads', () => {
  const length = 3 * PIECE + 2056;
  const bound = PIECE + 12;
  const groups = [
    { name: 'head', begin: 0, end: bound },
    { name: 'backbones', begin: bound, end: length },
  ];

  async function run(
    threads: number,
  ): Promise<{ norms: number[]; arrays: Buffer[]; plain: PlainState; own: Float32Array }> {
    return withOptimizer(length, groups, { threads, maxGradNorm: 1 }, (optimizer) => {
      const { values, gradients, first, second } = optimizer.state;
      values.set(draw(length, 4));
      const norms: number[] = [];
      const chosen = [0, PIECE - 1, PIECE, bound - 1, bound, 2 * PIECE + 12, length - 1];
      const plain = plainState(chosen.map((at) => values[at]!));
      for (let t = 1; t <= 4; t++) {
        gradients.set(draw(length, 40 + t));
        const norm = optimizer.gradNorm(1);
        norms.push(norm);
        optimizer.update(1, norm, { head: 0.01, backbones: 0.01 });
        const clipped = chosen.map((at) => gradients[at]! / norm);
        plainAdamW(plain, clipped, t, { lr: 0.01, weightDecay: 0.01 });
      }
      const arrays = [values, first, second].map((memory) => Buffer.from(Float32Array.from(memory).buffer));
      return { norms, arrays, plain, own: Float32Array.from(chosen, (at) => values[at]!) };
    });
  }

  it('change nothing, bit for bit, and each element is computed once', async () => {
    const alone = await run(1);
    assert.ok(worstError(alone.own, alone.plain.theta) <= TOLERANCE);
    for (const threads of [2, 3, 9]) {
      const { norms, arrays } = await run(threads);
      assert.deepEqual(norms, alone.norms, `${threads} threads`);
      assert.ok(
        arrays.every((bytes, at) => bytes.equals(alone.arrays[at]!)),
        `${threads} threads`,
      );
    }
  });
});
