import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WeightAverage } from '../../../src/training/step/weight-average.ts';
import { float32Tensor, float32View, type Tensor } from '../../../src/weights/tensor.ts';

const weights = (...values: number[]) =>
  new Map<string, Tensor>([['a', float32Tensor([values.length], Float32Array.from(values))]]);
const read = (average: WeightAverage) => [...float32View(average.weights().get('a')!)];

describe('the average of the weights', () => {
  it('begins as they are, and follows them faster at first', () => {
    const average = new WeightAverage(0.5, weights(1, 2));
    assert.deepEqual(read(average), [1, 2]);
    let expected = [1, 2];
    for (const updates of [1, 2, 9, 40]) {
      average.update(weights(updates, -updates), updates);
      const decay = Math.min(0.5, (1 + updates) / (10 + updates));
      expected = expected.map((value, i) => decay * value + (1 - decay) * (i === 0 ? updates : -updates));
      for (const [i, value] of read(average).entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-5);
    }
  });

  it('leaves the weights as they are, and is restored', () => {
    const start = weights(1);
    const average = new WeightAverage(0.9, start);
    average.update(weights(100), 50);
    assert.deepEqual([...float32View(start.get('a')!)], [1]);
    const other = new WeightAverage(0.9, start);
    other.restore(average.weights());
    assert.deepEqual(read(other), read(average));
    assert.throws(() => other.restore(new Map()), { code: 'weights_invalid', message: /average of "a"/ });
  });
});
