import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Optimizer } from '../../../src/training/optimizer/optimizer.ts';
import { worstError } from '../../support/central-differences.ts';
import { draw, one, USUAL, withOptimizer } from '../../support/optimizers.ts';
import { type PlainState, plainAdamW, plainState } from '../../support/plain-adamw.ts';

const STEPS = 10;
const TOLERANCE = 2e-6;

function assertState({ state }: Optimizer, plain: PlainState): void {
  for (const [name, mine, theirs] of [
    ['values', state.values, plain.theta],
    ['first moments', state.first, plain.m],
    ['second moments', state.second, plain.v],
  ] as const) {
    const off = worstError(mine, theirs);
    assert.ok(off <= TOLERANCE, `${name} are off by ${off}`);
  }
}

describe('AdamW', () => {
  for (const weightDecay of [0, 0.01, 0.3]) {
    it(`is the documented one over ${STEPS} steps: weight decay ${weightDecay}`, async () => {
      await withOptimizer(64, one(64), { weightDecay }, (optimizer) => {
        const { values, gradients } = optimizer.state;
        values.set(draw(64, 1));
        const plain = plainState(values);
        for (let t = 1; t <= STEPS; t++) {
          gradients.set(draw(64, 10 + t, 10 ** (t % 4) / 100));
          const lr = 0.01 / t;
          plainAdamW(plain, gradients, t, { lr, weightDecay });
          optimizer.update(1, optimizer.gradNorm(1), { head: lr });
        }
        assert.equal(optimizer.count, STEPS);
        assertState(optimizer, plain);
      });
    });
  }

  it('begins with a step of the learning rate against the sign, and decays what has no gradient', async () => {
    await withOptimizer(4, one(4), { weightDecay: 0.5 }, (optimizer) => {
      optimizer.state.values.set([1, 1, 1, 1]);
      optimizer.state.gradients.set([3, -0.001, 0, 1e6]);
      optimizer.update(1, optimizer.gradNorm(1), { head: 0.1 });
      assert.ok(worstError(optimizer.state.values, [0.85, 1.05, 0.95, 0.85]) < 1e-4, `${optimizer.state.values}`);
    });
  });

  it('goes on where its count says', async () => {
    await withOptimizer(4, one(4), {}, (optimizer) => {
      const plain = plainState([1, 2, 3, 4]);
      optimizer.state.values.set([1, 2, 3, 4]);
      optimizer.state.gradients.set([1, 2, 3, 4]);
      optimizer.count = 6;
      optimizer.update(1, 1, { head: 0.01 });
      plainAdamW(plain, [1, 2, 3, 4], 7, { lr: 0.01, weightDecay: 0.01 });
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
      await withOptimizer(8, one(8), { maxGradNorm }, (optimizer) => {
        const { values, gradients } = optimizer.state;
        const plain = plainState(draw(8, 2));
        values.set(draw(8, 2));
        for (let t = 1; t <= STEPS; t++) {
          gradients.set(draw(8, 20 + t, 5));
          const mean = Array.from(gradients, (value) => value / parts);
          const norm = Math.hypot(...mean);
          const scale = Math.min(1, maxGradNorm / (norm + 1e-6));
          const found = optimizer.gradNorm(parts);
          assert.ok(Math.abs(found - norm) <= 1e-6 * norm, `${found}, not ${norm}`);
          optimizer.update(parts, found, { head: 0.01 });
          plainAdamW(
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

it('groups have learning rates of their own, and one norm', async () => {
  const groups = [
    { name: 'head', begin: 0, end: 8 },
    { name: 'backbones', begin: 8, end: 20 },
  ];
  await withOptimizer(20, groups, { maxGradNorm: 1 }, (optimizer) => {
    const { values, gradients } = optimizer.state;
    values.set(draw(20, 3));
    const [head, backbones] = [plainState(values.subarray(0, 8)), plainState(values.subarray(8))];
    for (let t = 1; t <= STEPS; t++) {
      gradients.set(draw(20, 30 + t, 5));
      const scaled = gradients.map((value) => value / Math.hypot(...gradients));
      plainAdamW(head, scaled.subarray(0, 8), t, { lr: 0.01, weightDecay: 0.01 });
      plainAdamW(backbones, scaled.subarray(8), t, { lr: 0.002, weightDecay: 0.01 });
      optimizer.update(1, optimizer.gradNorm(1), { head: 0.01, backbones: 0.002 });
    }
    const joined = (key: keyof PlainState) => Float64Array.of(...head[key], ...backbones[key]);
    assertState(optimizer, { theta: joined('theta'), m: joined('m'), v: joined('v') });
  });
});

it('the norm is no finite number where a gradient is not', async () => {
  for (const [value, check] of [
    [Number.NaN, Number.isNaN],
    [-Infinity, (norm: number) => norm === Infinity],
  ] as const) {
    await withOptimizer(12, one(12), {}, (optimizer) => {
      optimizer.state.gradients[7] = value;
      assert.ok(check(optimizer.gradNorm(1)));
    });
  }
});

it('more weights than addresses reach are refused', async () => {
  const most = 2 ** 28;
  const refusal = { code: 'invalid_request', param: 'training.freeze_backbones', message: /at most 268/ };
  await assert.rejects(Optimizer.create(most + 4, one(most + 4), USUAL), refusal);
});
