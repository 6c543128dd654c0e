import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { buildEncoderOutputs } from '../../../src/training/graphs/encoder-outputs.ts';
import { initialWeights } from '../../../src/training/preparation/initial-weights.ts';
import { createValidator } from '../../../src/training/preparation/prepare-training.ts';
import { score } from '../../../src/training/validation/retrieval-metrics.ts';
import type { Validator } from '../../../src/training/validation/validator.ts';
import type { Tensor } from '../../../src/weights/tensor.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  makeTrainableModel,
} from '../../support/generated-training-set.ts';

const NEVER_ABORTED = new AbortController().signal;

let generated: GeneratedTrainingSet;
let withViews: GeneratedTrainingSet;
let trainingSet: TrainingSet;
let weights: Map<string, Tensor>;
before(async () => {
  [generated, withViews] = await Promise.all([generateTrainingSet(), generateTrainingSet({ views: 1 })]);
  trainingSet = await TrainingSet.open(generated.parts);
  const trainableModel = await makeTrainableModel(await generated.plan('weights'));
  weights = trainableModel.weights();
  await trainableModel.close();
});
after(async () => {
  await trainingSet[Symbol.asyncDispose]();
  await Promise.all([generated.remove(), withViews.remove()]);
});

async function makeValidator(batchSize = 4, set = trainingSet): Promise<Validator> {
  const plan = await generated.plan('validator', { batch_size: batchSize, seed: 7 });
  const initial = await initialWeights(plan);
  return createValidator(
    plan,
    initial,
    buildEncoderOutputs(plan, initial),
    new Set(weights.keys()),
    { trainingSet: set, pages: set.pages.slice(3, 14) },
    { provider: 'cpu', device: 0, threads: 1 },
  );
}

describe('the validator', () => {
  it('gives the same numbers each time, also from another validator', async () => {
    const results = [];
    for (let run = 0; run < 2; run++) {
      const validator = await makeValidator();
      for (let repetition = 0; repetition < 2; repetition++)
        results.push(await validator.validate(weights, NEVER_ABORTED));
      await validator.close();
    }
    for (const result of results) assert.deepEqual(result, results[0]);
    assert.ok(Object.values(results[0]!).every(Number.isFinite), JSON.stringify(results[0]));
    assert.deepEqual(Object.keys(results[0]!).slice(0, 5), [
      'validation_loss',
      'validation_contrastive',
      'validation_reconstruction',
      'validation_alignment',
      'validation_fused_alignment',
    ]);
  });

  it('validates the given weights, and searches among all panels, whatever the batches', async () => {
    const [four, three] = [await makeValidator(), await makeValidator(3)];
    const before = await four.validate(weights, NEVER_ABORTED);
    const other = await three.validate(weights, NEVER_ABORTED);
    for (const name of ['same_page_precision', 'image_to_panel_recall_at_1', 'text_to_panel_recall_at_5'] as const) {
      assert.equal(other[name], before[name]);
    }
    const key = 'text.proj.bias';
    const bias = new Float32Array(16).map((_, i) => i);
    const changedWeights = new Map(weights).set(key, { ...weights.get(key)!, bytes: new Uint8Array(bias.buffer) });
    const after = await four.validate(changedWeights, NEVER_ABORTED);
    assert.notEqual(after['validation_loss'], before['validation_loss']);
    assert.deepEqual(await four.validate(weights, NEVER_ABORTED), before);
    await Promise.all([four.close(), three.close()]);
  });

  it('searches with descriptions where panels have some, against panels that are stored with lettering alone', async () => {
    await using described = await TrainingSet.open(withViews.parts);
    const [plain, validator] = [await makeValidator(), await makeValidator(4, described)];
    const before = await validator.validate(weights, NEVER_ABORTED);
    assert.ok(before.description_to_panel_recall_at_5! > 0 && before.description_to_image_recall_at_5! >= 0);
    const without = await plain.validate(weights, NEVER_ABORTED);
    assert.ok(!('description_to_panel_recall_at_5' in without));
    for (const [name, value] of Object.entries(without)) assert.equal(before[name], value, name);
    await Promise.all([plain.close(), validator.close()]);
  });

  it('stops when its signal is aborted', async () => {
    const validator = await makeValidator();
    const reason = new Error('enough');
    await assert.rejects(validator.validate(weights, AbortSignal.abort(reason)), reason);
    await validator.close();
  });
});

describe('the score of an epoch', () => {
  const metrics = {
    validation_loss: 3,
    image_to_panel_recall_at_1: 0.5,
    text_to_panel_recall_at_5: Number.NaN,
    text_to_image_recall_at_5: Number.NaN,
    same_page_precision: 0.7,
  };

  it('is larger where the loss is smaller', () => assert.equal(score('validation_loss', metrics), -3));
  it('is the value of a metric', () => assert.equal(score('same_page_precision', metrics), 0.7));
  it('is the mean of the metrics that have a value', () => assert.equal(score('mean_retrieval', metrics), 0.6));
  it('is NaN where none has', () => {
    const unknown = { ...metrics, image_to_panel_recall_at_1: Number.NaN, same_page_precision: Number.NaN };
    assert.ok(Number.isNaN(score('mean_retrieval', unknown)));
  });
});
