import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Stepper } from '../../src/training/stepper.ts';
import { floats } from '../support/reference.ts';
import {
  encoders,
  pooledFeeds,
  pooledInputs,
  readTrainingReference,
  type TrainingReference,
} from '../support/training-reference.ts';

const TOLERANCE = 1e-4;
/**
 * Biases whose true gradient is zero, in front of a BatchNorm or of attention keys, and the running means behind them:
 * AdamW turns the rounding noise of their gradients into steps. PyTorch itself differs there by up to 2e-3 between
 * float32 and float64.
 */
const NOISE = /^comp\.mlp\.[04]\.bias$|running_mean$|k_proj\.bias$|attention\.self\.key\.bias$/;

async function stepperOf(reference: TrainingReference): Promise<Stepper> {
  const { spec, options, weights, frozen, weightDecay, maxGradNorm } = reference;
  const trains = (key: string) => !/running_(mean|var)$/.test(key);
  return Stepper.create(
    weights,
    { spec, options, dropout: 0, trains },
    frozen ? pooledInputs(spec) : encoders(weights),
    { provider: 'cpu', device: 0, threads: 2, weightDecay, maxGradNorm, groupOf: () => 'head' },
  );
}

for (const name of ['training', 'training-unfrozen']) {
  describe(`training equals the original: ${name}`, async () => {
    const reference = await readTrainingReference(name);
    const stepper = await stepperOf(reference);
    after(() => stepper.close());
    const pooled = reference.frozen ? await pooledFeeds(reference) : undefined;

    async function step(at: number): Promise<void> {
      const encoded = pooled?.[at] ?? reference.encoderFeeds(at);
      const [loss, contrastive, reconstruction, alignment, norm, rate] = reference.log[at]!;
      const { losses, gradNorm } = await stepper.step([{ ...encoded, ...reference.batchFeeds(at) }], { head: rate! });
      const { contrastive: c, reconstruction: r, alignment: a } = losses;
      const off = relative(
        [losses.loss, c!, r!, a!, gradNorm],
        [loss!, contrastive!, reconstruction!, alignment!, norm!],
      );
      assert.ok(
        off.every((value) => value <= TOLERANCE),
        `step ${at}: loss, its parts, norm off by ${off}`,
      );
    }

    it('in the gradients of the first step, of every variable', async () => {
      await step(0);
      const keys = stepper.variables.map(({ key }) => key);
      assert.deepEqual(keys.toSorted(), [...reference.gradients.keys()].sort());
      for (const key of keys.filter((key) => !NOISE.test(key))) {
        const off = relativeNorm(stepper.gradient(key), floats(reference.gradients.get(key)));
        assert.ok(off <= TOLERANCE, `${key}: off by ${off}`);
      }
    });

    it('in the losses of every step', async () => {
      for (let at = 1; at < reference.steps; at++) await step(at);
    });

    it('in the weights at the end', () => {
      const trained = stepper.weights();
      for (const [key, tensor] of reference.after) {
        // PyTorch counts batches there, which nobody reads.
        if (key.endsWith('num_batches_tracked') || NOISE.test(key)) continue;
        const off = relativeNorm(floats(trained.get(key)), floats(tensor));
        assert.ok(off <= TOLERANCE, `${key}: off by ${off}`);
      }
    });
  });
}

function relative(actual: readonly number[], expected: readonly number[]): number[] {
  return actual.map((value, at) => Math.abs(value - expected[at]!) / Math.abs(expected[at]!));
}

function relativeNorm(actual: Float32Array, expected: Float32Array): number {
  let [off, size] = [0, 0];
  for (const [at, value] of expected.entries()) {
    off += (actual[at]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(off / size);
}
