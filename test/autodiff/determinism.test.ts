import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as ort from 'onnxruntime-node';
import { gradients } from '../../src/autodiff/gradients.ts';
import { emit } from '../../src/graph/emit/emit.ts';
import { Gather, Mul, ReduceSum } from '../../src/graph/ops/operators.ts';
import { input } from '../../src/graph/value.ts';
import { maxDifference, seeded } from '../support/numeric.ts';
import { float32Tensor } from '../support/run-graph.ts';

const [ROWS, WIDTH, PICKED, RUNS, THREADS] = [16, 64, 4096, 10, 2];

it('the gradient of a Gather with many repeated rows is the same bit for bit, even with two threads', async () => {
  const random = seeded(11);
  const table = input('table', 'float32', [ROWS, WIDTH]);
  const indices = input('indices', 'int64', ['n']);
  const weights = input('weights', 'float32', ['n', WIDTH]);
  const loss = ReduceSum(Mul(Gather(table, indices, 0), weights), [0, 1], false);
  const [gradient] = gradients(loss, [table]);
  const picks = Array.from({ length: PICKED }, () => Math.floor(((random() + 1) / 2) * ROWS));
  const factors = Float32Array.from({ length: PICKED * WIDTH }, random);
  const feeds = {
    table: float32Tensor(new Float32Array(ROWS * WIDTH), [ROWS, WIDTH]),
    indices: new ort.Tensor('int64', BigInt64Array.from(picks, BigInt), [PICKED]),
    weights: float32Tensor(factors, [PICKED, WIDTH]),
  };
  const session = await ort.InferenceSession.create(emit({ name: 'picks', outputs: { loss, gradient: gradient! } }), {
    executionProviders: ['cpu'],
    intraOpNumThreads: THREADS,
  });
  try {
    const first = await runGradient();
    const expected = new Float64Array(ROWS * WIDTH);
    for (const [i, factor] of factors.entries()) {
      expected[picks[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]! += factor;
    }
    // Sums of some 256 numbers below one.
    assert.ok(maxDifference(first, expected) < 1e-4);
    const bits = new Uint32Array(first.buffer, first.byteOffset, first.length);
    for (let run = 1; run < RUNS; run++) {
      const again = await runGradient();
      assert.deepEqual(new Uint32Array(again.buffer, again.byteOffset, again.length), bits);
    }
  } finally {
    await session.release();
  }

  async function runGradient(): Promise<Float32Array> {
    const { gradient: result } = await session.run(feeds);
    return (result!.data as Float32Array).slice();
  }
});
