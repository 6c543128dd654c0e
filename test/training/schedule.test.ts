import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { learningRate } from '../../src/training/schedule.ts';
import { StepRates } from '../../src/training/step-rates.ts';
import { trainingSchema } from '../../src/training/training-spec.ts';

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual}, not ${expected}`);

describe('the learning rate', () => {
  const schedule = { peak: 1, least: 0.1, warmupSteps: 4, steps: 14 };

  it('rises in a line to its peak', () => {
    for (const [step, expected] of [0.25, 0.5, 0.75, 1].entries()) close(learningRate(schedule, step), expected);
  });

  it('falls along half a cosine: at the peak, half way, at the least', () => {
    close(learningRate(schedule, 4), 1);
    close(learningRate(schedule, 9), 0.55);
    close(learningRate(schedule, 14), 0.1);
    close(learningRate(schedule, 1000), 0.1);
    for (let step = 4; step < 14; step++) {
      const expected = 0.1 + 0.45 * (1 + Math.cos((Math.PI * (step - 4)) / 10));
      close(learningRate(schedule, step), expected);
      assert.ok(learningRate(schedule, step + 1) < learningRate(schedule, step));
    }
  });

  it('begins at its peak without a warm-up, and is finite where the warm-up is all there is', () => {
    close(learningRate({ ...schedule, warmupSteps: 0 }, 0), 1);
    close(learningRate({ ...schedule, warmupSteps: 14 }, 13), 1);
    close(learningRate({ ...schedule, warmupSteps: 14 }, 14), 1);
  });
});

describe('the rates of the groups', () => {
  const rates = (options: object, perEpoch = 10) =>
    new StepRates(trainingSchema.parse({ epochs: 4, learning_rate: 0.01, ...options }), perEpoch);

  it('are by default a tenth for the encoders, and a hundredth at the end', () => {
    const usual = rates({});
    close(usual.at(9).head, 0.01);
    close(usual.at(40).head, 0.0001);
    for (const step of [0, 5, 9, 20, 39]) close(usual.at(step).backbones, usual.at(step).head / 10);
  });

  it('are what is given', () => {
    const given = rates({ backbone_learning_rate: 0.004, min_learning_rate: 0.002, warmup_epochs: 0.5 });
    close(given.at(4).head, 0.01);
    close(given.at(4).backbones, 0.004);
    close(given.at(40).head, 0.002);
    close(given.at(40).backbones, 0.0008);
    close(rates({ min_learning_rate: 0 }).at(40).head, 0);
  });

  it('never rise to a least that is above the peak, nor warm up for longer than there are epochs', () => {
    const flat = rates({ min_learning_rate: 0.5, warmup_epochs: 0 });
    for (const step of [0, 20, 40]) close(flat.at(step).head, 0.01);
    close(rates({ warmup_epochs: 100 }).at(39).head, 0.01);
  });
});
