import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHUNK_LENGTH } from '../../../src/training/optimizer/optimizer-commands.ts';
import { maxRelativeError } from '../../support/central-differences.ts';
import { initialNaiveState, type NaiveAdamWState, naiveAdamWStep } from '../../support/naive-adamw.ts';
import { randomFloats, withOptimizer } from '../../support/with-optimizer.ts';

const TOLERANCE = 2e-6;

describe('threads', () => {
  const length = 3 * CHUNK_LENGTH + 2056;
  const groupBoundary = CHUNK_LENGTH + 12;
  const groups = [
    { name: 'head', begin: 0, end: groupBoundary },
    { name: 'backbones', begin: groupBoundary, end: length },
  ];

  async function run(
    threads: number,
  ): Promise<{ norms: number[]; arrays: Buffer[]; plain: NaiveAdamWState; sampledValues: Float32Array }> {
    return withOptimizer(length, groups, { threads, maxGradNorm: 1 }, (optimizer) => {
      const { values, gradients, firstMoments, secondMoments } = optimizer.state;
      values.set(randomFloats(length, 4));
      const norms: number[] = [];
      const sampledIndices = [
        0,
        CHUNK_LENGTH - 1,
        CHUNK_LENGTH,
        groupBoundary - 1,
        groupBoundary,
        2 * CHUNK_LENGTH + 12,
        length - 1,
      ];
      const plain = initialNaiveState(sampledIndices.map((i) => values[i]!));
      for (let t = 1; t <= 4; t++) {
        gradients.set(randomFloats(length, 40 + t));
        const norm = optimizer.gradNorm(1);
        norms.push(norm);
        optimizer.update(1, norm, { head: 0.01, backbones: 0.01 });
        const clipped = sampledIndices.map((i) => gradients[i]! / norm);
        naiveAdamWStep(plain, clipped, t, { lr: 0.01, weightDecay: 0.01 });
      }
      const arrays = [values, firstMoments, secondMoments].map((memory) =>
        Buffer.from(Float32Array.from(memory).buffer),
      );
      return { norms, arrays, plain, sampledValues: Float32Array.from(sampledIndices, (i) => values[i]!) };
    });
  }

  it('change nothing, bit for bit, and each element is computed once', async () => {
    const singleThread = await run(1);
    assert.ok(maxRelativeError(singleThread.sampledValues, singleThread.plain.theta) <= TOLERANCE);
    for (const threads of [2, 3, 9]) {
      const { norms, arrays } = await run(threads);
      assert.deepEqual(norms, singleThread.norms, `${threads} threads`);
      assert.ok(
        arrays.every((bytes, i) => bytes.equals(singleThread.arrays[i]!)),
        `${threads} threads`,
      );
    }
  });
});
