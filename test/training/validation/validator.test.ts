import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { headSpec } from '../../../src/model/model.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { initialWeights } from '../../../src/training/initial-weights.ts';
import { pooledOf } from '../../../src/training/trained-model.ts';
import { score } from '../../../src/training/validation/best.ts';
import { Validator } from '../../../src/training/validation/validator.ts';
import type { Tensor } from '../../../src/weights/safetensors-reader.ts';
import { type DrawnSet, drawTrainingSet, makeStepper } from '../../support/training-set.ts';

const NEVER = new AbortController().signal;

let drawn: DrawnSet;
let set: TrainingSet;
let weights: Map<string, Tensor>;
before(async () => {
  drawn = await drawTrainingSet();
  set = await TrainingSet.open(drawn.parts);
  const stepper = await makeStepper(await drawn.plan('weights'));
  weights = stepper.weights();
  await stepper.close();
});
after(async () => {
  await set[Symbol.asyncDispose]();
  await drawn.remove();
});

async function makeValidator(batchSize = 4): Promise<Validator> {
  const plan = await drawn.plan('validator');
  const initial = await initialWeights(plan);
  return Validator.create(
    initial,
    headSpec(plan.model),
    pooledOf(plan, initial),
    new Set(weights.keys()),
    { set, pages: set.pages.slice(3, 14) },
    { provider: 'cpu', device: 0, threads: 1, objectives: plan.options, batchSize, seed: 7 },
  );
}

describe('the validator', () => {
  it('gives the same numbers each time, and in another process of its life', async () => {
    const found = [];
    for (let life = 0; life < 2; life++) {
      const validator = await makeValidator();
      for (let time = 0; time < 2; time++) found.push(await validator.validate(weights, NEVER));
      await validator.close();
    }
    for (const again of found) assert.deepEqual(again, found[0]);
    assert.ok(Object.values(found[0]!).every(Number.isFinite), JSON.stringify(found[0]));
    assert.deepEqual(Object.keys(found[0]!).slice(0, 5), [
      'validation_loss',
      'validation_contrastive',
      'validation_reconstruction',
      'validation_alignment',
      'validation_fused_alignment',
    ]);
  });

  it('weighs the weights that it is given, and looks for panels among all, in whatever batches they come', async () => {
    const [four, three] = [await makeValidator(), await makeValidator(3)];
    const before = await four.validate(weights, NEVER);
    const other = await three.validate(weights, NEVER);
    for (const name of ['same_page_precision', 'image_to_panel_recall_at_1', 'text_to_panel_recall_at_5'] as const) {
      assert.equal(other[name], before[name]);
    }
    const key = 'text.proj.bias';
    const bias = new Float32Array(16).map((_, at) => at);
    const moved = new Map(weights).set(key, { ...weights.get(key)!, bytes: new Uint8Array(bias.buffer) });
    const after = await four.validate(moved, NEVER);
    assert.notEqual(after['validation_loss'], before['validation_loss']);
    assert.deepEqual(await four.validate(weights, NEVER), before);
    await Promise.all([four.close(), three.close()]);
  });

  it('stops when it is told', async () => {
    const validator = await makeValidator();
    const reason = new Error('enough');
    await assert.rejects(validator.validate(weights, AbortSignal.abort(reason)), reason);
    await validator.close();
  });
});

describe('the score of an epoch', () => {
  const measures = {
    validation_loss: 3,
    image_to_panel_recall_at_1: 0.5,
    text_to_panel_recall_at_5: Number.NaN,
    text_to_image_recall_at_5: Number.NaN,
    same_page_precision: 0.7,
  };

  it('is larger where the loss is smaller', () => assert.equal(score('validation_loss', measures), -3));
  it('is a measure', () => assert.equal(score('same_page_precision', measures), 0.7));
  it('is the mean of the measures that are known', () => assert.equal(score('mean_retrieval', measures), 0.6));
  it('is NaN where none is', () => {
    const none = { ...measures, image_to_panel_recall_at_1: Number.NaN, same_page_precision: Number.NaN };
    assert.ok(Number.isNaN(score('mean_retrieval', none)));
  });
});
