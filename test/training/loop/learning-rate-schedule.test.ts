import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { cosineLearningRate, LearningRateSchedule } from '../../../src/training/loop/learning-rate-schedule.ts';
import { trainingSchema } from '../../../src/training/training-spec.ts';

const assertClose = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual}, not ${expected}`);

describe('the learning rate', () => {
  const schedule = { peak: 1, minimum: 0.1, warmupSteps: 4, steps: 14 };

  it('rises linearly to its peak', () => {
    for (const [step, expected] of [0.25, 0.5, 0.75, 1].entries())
      assertClose(cosineLearningRate(schedule, step), expected);
  });

  it('falls along half a cosine: at the peak, half way, at the minimum', () => {
    assertClose(cosineLearningRate(schedule, 4), 1);
    assertClose(cosineLearningRate(schedule, 9), 0.55);
    assertClose(cosineLearningRate(schedule, 14), 0.1);
    assertClose(cosineLearningRate(schedule, 1000), 0.1);
    for (let step = 4; step < 14; step++) {
      const expected = 0.1 + 0.45 * (1 + Math.cos((Math.PI * (step - 4)) / 10));
      assertClose(cosineLearningRate(schedule, step), expected);
      assert.ok(cosineLearningRate(schedule, step + 1) < cosineLearningRate(schedule, step));
    }
  });

  it('starts at its peak without a warm-up, and is finite where all steps are warm-up', () => {
    assertClose(cosineLearningRate({ ...schedule, warmupSteps: 0 }, 0), 1);
    assertClose(cosineLearningRate({ ...schedule, warmupSteps: 14 }, 13), 1);
    assertClose(cosineLearningRate({ ...schedule, warmupSteps: 14 }, 14), 1);
  });
});

describe('the rates of the groups', () => {
  const makeSchedule = (options: object, stepsPerEpoch = 10) =>
    new LearningRateSchedule(trainingSchema.parse({ epochs: 4, learning_rate: 0.01, ...options }), stepsPerEpoch);

  it('default to a tenth for the encoders, and a hundredth at the end', () => {
    const defaults = makeSchedule({});
    assertClose(defaults.rates(9).head, 0.01);
    assertClose(defaults.rates(40).head, 0.0001);
    for (const step of [0, 5, 9, 20, 39]) assertClose(defaults.rates(step).backbones, defaults.rates(step).head / 10);
  });

  it('are those of the options', () => {
    const configured = makeSchedule({ backbone_learning_rate: 0.004, min_learning_rate: 0.002, warmup_epochs: 0.5 });
    assertClose(configured.rates(4).head, 0.01);
    assertClose(configured.rates(4).backbones, 0.004);
    assertClose(configured.rates(40).head, 0.002);
    assertClose(configured.rates(40).backbones, 0.0008);
    assertClose(makeSchedule({ min_learning_rate: 0 }).rates(40).head, 0);
  });

  it('never rise to a minimum above the peak, nor warm up for longer than all epochs', () => {
    const flat = makeSchedule({ min_learning_rate: 0.5, warmup_epochs: 0 });
    for (const step of [0, 20, 40]) assertClose(flat.rates(step).head, 0.01);
    assertClose(makeSchedule({ warmup_epochs: 100 }).rates(39).head, 0.01);
  });
});
