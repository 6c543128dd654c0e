import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { backwardGraph } from '../../src/training/graphs/backward-graph.ts';
import { TrainableModel } from '../../src/training/step/trainable-model.ts';
import { toFloat32Array } from '../support/reference-cases.ts';
import {
  buildEncoders,
  computePooledFeeds,
  pooledHeadInputs,
  readTrainingReference,
  type TrainingReference,
} from '../support/training-reference.ts';

const TOLERANCE = 1e-4;
/**
 * Biases whose true gradient is zero, in front of a BatchNorm or of attention keys, and the running means behind them:
 * AdamW turns the rounding noise of their gradients into steps. PyTorch itself differs there by up to 2e-3 between
 * float32 and float64.
 */
const NOISY_KEYS = /^comp\.mlp\.[04]\.bias$|running_mean$|k_proj\.bias$|attention\.self\.key\.bias$/;

async function createTrainableModel(reference: TrainingReference): Promise<TrainableModel> {
  const { spec, options, weights, freezeBackbones: frozen, weightDecay, maxGradNorm } = reference;
  const encoderOutputs = frozen ? pooledHeadInputs(spec) : buildEncoders(reference);
  const graph = backwardGraph(weights, { spec, options, dropout: 0 }, encoderOutputs);
  const session = { provider: 'cpu', device: 0, threads: 2 } as const;
  return TrainableModel.create(graph, weights, { ...session, weightDecay, maxGradNorm });
}

for (const name of ['training', 'training-unfrozen']) {
  describe(`training equals the original: ${name}`, async () => {
    const reference = await readTrainingReference(name);
    const trainableModel = await createTrainableModel(reference);
    after(() => trainableModel.close());
    const frozenFeeds = reference.freezeBackbones ? await computePooledFeeds(reference) : undefined;

    async function step(index: number): Promise<void> {
      const encoded = frozenFeeds?.[index] ?? reference.encoderFeeds(index);
      const [loss, contrastive, reconstruction, alignment, norm, rate] = reference.log[index]!;
      const { losses, gradNorm } = await trainableModel.step([{ ...encoded, ...reference.batchFeeds(index) }], {
        head: rate!,
      });
      const { contrastive: c, reconstruction: r, alignment: a } = losses;
      const relativeErrors = relativeDifferences(
        [losses.loss, c!, r!, a!, gradNorm],
        [loss!, contrastive!, reconstruction!, alignment!, norm!],
      );
      assert.ok(
        relativeErrors.every((value) => value <= TOLERANCE),
        `step ${index}: loss, its parts, norm off by ${relativeErrors}`,
      );
    }

    it('in the gradients of the first step, of every variable', async () => {
      await step(0);
      const keys = trainableModel.variables.map(({ key }) => key);
      assert.deepEqual(keys.toSorted(), [...reference.gradients.keys()].sort());
      for (const key of keys.filter((key) => !NOISY_KEYS.test(key))) {
        const error = relativeNorm(trainableModel.gradient(key), toFloat32Array(reference.gradients.get(key)));
        assert.ok(error <= TOLERANCE, `${key}: off by ${error}`);
      }
    });

    it('in the losses of every step', async () => {
      for (let index = 1; index < reference.steps; index++) await step(index);
    });

    it('in the weights at the end', () => {
      const trained = trainableModel.weights();
      for (const [key, tensor] of reference.weightsAfter) {
        // PyTorch counts batches there, which nobody reads.
        if (key.endsWith('num_batches_tracked') || NOISY_KEYS.test(key)) continue;
        const error = relativeNorm(toFloat32Array(trained.get(key)), toFloat32Array(tensor));
        assert.ok(error <= TOLERANCE, `${key}: off by ${error}`);
      }
    });
  });
}

function relativeDifferences(actual: readonly number[], expected: readonly number[]): number[] {
  return actual.map((value, i) => Math.abs(value - expected[i]!) / Math.abs(expected[i]!));
}

function relativeNorm(actual: Float32Array, expected: Float32Array): number {
  let [squaredError, squaredNorm] = [0, 0];
  for (const [i, value] of expected.entries()) {
    squaredError += (actual[i]! - value) ** 2;
    squaredNorm += value ** 2;
  }
  return Math.sqrt(squaredError / squaredNorm);
}
