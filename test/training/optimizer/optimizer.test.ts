import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Optimizer } from '../../../src/training/optimizer/optimizer.ts';
import { maxRelativeError } from '../../support/central-differences.ts';
import { initialNaiveState, type NaiveAdamWState, naiveAdamWStep } from '../../support/naive-adamw.ts';
import { DEFAULT_OPTIONS, randomFloats, singleGroup, withOptimizer } from '../../support/with-optimizer.ts';

const STEPS = 10;
const TOLERANCE = 2e-6;

function assertState({ state }: Optimizer, plain: NaiveAdamWState): void {
  for (const [name, actual, expected] of [
    ['values', state.values, plain.theta],
    ['first moments', state.firstMoments, plain.m],
    ['second moments', state.secondMoments, plain.v],
  ] as const) {
    const error = maxRelativeError(actual, expected);
    assert.ok(error <= TOLERANCE, `${name} are off by ${error}`);
  }
}

describe('AdamW', () => {
  for (const weightDecay of [0, 0.01, 0.3]) {
    it(`equals the published algorithm over ${STEPS} steps: weight decay ${weightDecay}`, async () => {
      await withOptimizer(64, singleGroup(64), { weightDecay }, (optimizer) => {
        const { values, gradients } = optimizer.state;
        values.set(randomFloats(64, 1));
        const plain = initialNaiveState(values);
        for (let t = 1; t <= STEPS; t++) {
          gradients.set(randomFloats(64, 10 + t, 10 ** (t % 4) / 100));
          const lr = 0.01 / t;
          naiveAdamWStep(plain, gradients, t, { lr, weightDecay });
          optimizer.update(1, optimizer.gradNorm(1), { head: lr });
        }
        assert.equal(optimizer.stepCount, STEPS);
        assertState(optimizer, plain);
      });
    });
  }

  it('starts with a step of the learning rate against the sign, and decays values without a gradient', async () => {
    await withOptimizer(4, singleGroup(4), { weightDecay: 0.5 }, (optimizer) => {
      optimizer.state.values.set([1, 1, 1, 1]);
      optimizer.state.gradients.set([3, -0.001, 0, 1e6]);
      optimizer.update(1, optimizer.gradNorm(1), { head: 0.1 });
      assert.ok(maxRelativeError(optimizer.state.values, [0.85, 1.05, 0.95, 0.85]) < 1e-4, `${optimizer.state.values}`);
    });
  });

  it('continues from its step count', async () => {
    await withOptimizer(4, singleGroup(4), {}, (optimizer) => {
      const plain = initialNaiveState([1, 2, 3, 4]);
      optimizer.state.values.set([1, 2, 3, 4]);
      optimizer.state.gradients.set([1, 2, 3, 4]);
      optimizer.stepCount = 6;
      optimizer.update(1, 1, { head: 0.01 });
      naiveAdamWStep(plain, [1, 2, 3, 4], 7, { lr: 0.01, weightDecay: 0.01 });
      assertState(optimizer, plain);
    });
  });
});

describe('clipping', () => {
  for (const [name, maxGradNorm, parts] of [
    ['shortens what is longer', 1, 1],
    ['of the mean over parts', 1, 3],
    ['leaves what is shorter', 100, 1],
    ['leaves all where there is no bound', Infinity, 3],
  ] as const) {
    it(name, async () => {
      await withOptimizer(8, singleGroup(8), { maxGradNorm }, (optimizer) => {
        const { values, gradients } = optimizer.state;
        const plain = initialNaiveState(randomFloats(8, 2));
        values.set(randomFloats(8, 2));
        for (let t = 1; t <= STEPS; t++) {
          gradients.set(randomFloats(8, 20 + t, 5));
          const mean = Array.from(gradients, (value) => value / parts);
          const norm = Math.hypot(...mean);
          const scale = Math.min(1, maxGradNorm / (norm + 1e-6));
          const gradNorm = optimizer.gradNorm(parts);
          assert.ok(Math.abs(gradNorm - norm) <= 1e-6 * norm, `${gradNorm}, not ${norm}`);
          optimizer.update(parts, gradNorm, { head: 0.01 });
          naiveAdamWStep(
            plain,
            mean.map((value) => value * scale),
            t,
            { lr: 0.01, weightDecay: 0.01 },
          );
        }
        assertState(optimizer, plain);
      });
    });
  }
});

it('groups have their own learning rates, and share one norm', async () => {
  const groups = [
    { name: 'head', begin: 0, end: 8 },
    { name: 'backbones', begin: 8, end: 20 },
  ];
  await withOptimizer(20, groups, { maxGradNorm: 1 }, (optimizer) => {
    const { values, gradients } = optimizer.state;
    values.set(randomFloats(20, 3));
    const [head, backbones] = [initialNaiveState(values.subarray(0, 8)), initialNaiveState(values.subarray(8))];
    for (let t = 1; t <= STEPS; t++) {
      gradients.set(randomFloats(20, 30 + t, 5));
      const scaled = gradients.map((value) => value / Math.hypot(...gradients));
      naiveAdamWStep(head, scaled.subarray(0, 8), t, { lr: 0.01, weightDecay: 0.01 });
      naiveAdamWStep(backbones, scaled.subarray(8), t, { lr: 0.002, weightDecay: 0.01 });
      optimizer.update(1, optimizer.gradNorm(1), { head: 0.01, backbones: 0.002 });
    }
    const concatenate = (key: keyof NaiveAdamWState) => Float64Array.of(...head[key], ...backbones[key]);
    assertState(optimizer, { theta: concatenate('theta'), m: concatenate('m'), v: concatenate('v') });
  });
});

it('the norm is not finite where a gradient is not', async () => {
  for (const [value, check] of [
    [Number.NaN, Number.isNaN],
    [-Infinity, (norm: number) => norm === Infinity],
  ] as const) {
    await withOptimizer(12, singleGroup(12), {}, (optimizer) => {
      optimizer.state.gradients[7] = value;
      assert.ok(check(optimizer.gradNorm(1)));
    });
  }
});

it('more weights than 32-bit addresses reach are refused', async () => {
  const maxLength = 2 ** 28;
  const expectedError = { code: 'invalid_request', param: 'training.freeze_backbones', message: /at most 268/ };
  await assert.rejects(Optimizer.create(maxLength + 4, singleGroup(maxLength + 4), DEFAULT_OPTIONS), expectedError);
});
