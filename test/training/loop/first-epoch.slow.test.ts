import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCheckpoint, resultWeights } from '../../../src/training/checkpoint/checkpoint-file.ts';
import { train } from '../../../src/training/train.ts';
import type { TrainingPlan } from '../../../src/training/training-plan.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  makeTrainableModel,
  recordHooks,
} from '../../support/generated-training-set.ts';

const KEY = 'text.proj.weight';
/** Steps so long that they make everything worse */
const RUINOUS = { learning_rate: 1, warmup_epochs: 0, epochs: 4, best_by: 'mean_retrieval' } as const;

let generated: GeneratedTrainingSet;
before(async () => {
  generated = await generateTrainingSet({ views: 2 });
});
after(() => generated.remove());

const readResult = async (file: string) => Buffer.from(resultWeights(await readCheckpoint(file)).get(KEY)!.bytes);
async function readStart(plan: TrainingPlan): Promise<Buffer> {
  const trainableModel = await makeTrainableModel(plan);
  try {
    return Buffer.from(trainableModel.weights().get(KEY)!.bytes);
  } finally {
    await trainableModel.close();
  }
}

describe('the head before the first step', () => {
  it('is the result where no epoch is better, and this is said', async () => {
    const plan = await generated.plan('ruined', RUINOUS);
    const hooks = recordHooks();
    const { best, baseline, epochs, result, notes } = await train(plan, hooks);
    assert.deepEqual([best?.epoch, epochs, path.basename(result)], [0, 4, 'best.safetensors']);
    assert.deepEqual(best?.measures, baseline);
    assert.ok((await readResult(result)).equals(await readStart(plan)));
    assert.ok(notes.some((note) => /no epoch was better than the head before the first step/.test(note)));
  });

  it('counts for early stopping', async () => {
    const plan = await generated.plan('stopped early', { ...RUINOUS, early_stopping_epochs: 2 });
    const { epochs, best } = await train(plan, recordHooks());
    assert.deepEqual([epochs, best?.epoch], [2, 0]);
  });

  it('is validated once, also where the training is stopped before its first checkpoint', async () => {
    const plan = await generated.plan('undisturbed', { best_by: 'description_to_image_recall_at_5' });
    const expected = await train(plan, recordHooks());
    assert.ok(expected.baseline?.['description_to_image_recall_at_5'] !== undefined);
    const stoppedPlan = await generated.plan('stopped', { best_by: 'description_to_image_recall_at_5' });
    const hooks = recordHooks((_, self) => self.stop(new Error('enough')));
    await assert.rejects(train(stoppedPlan, hooks), /enough/);
    const { result, ...resumed } = await train(stoppedPlan, recordHooks());
    assert.deepEqual(resumed, (({ result: _, ...rest }) => rest)(expected));
    assert.ok((await readResult(result)).equals(await readResult(expected.result)));
  });
});

describe('a metric that no held-out panel has', () => {
  it('is refused by its field', async () => {
    const undescribed = await generateTrainingSet();
    try {
      const plan = await undescribed.plan('undescribed', { best_by: 'description_to_panel_recall_at_5' });
      const refusal = { code: 'dataset_invalid', param: 'training.best_by', message: /description_to_panel/ };
      await assert.rejects(train(plan, recordHooks()), refusal);
    } finally {
      await undescribed.remove();
    }
  });
});

describe('averaged weights', () => {
  it('are validated, and are the result', async () => {
    const options = { learning_rate: 0.05, warmup_epochs: 0, epochs: 3 };
    const [plain, averaged] = await Promise.all([
      generated.plan('plain', options, { validationFraction: 0 }),
      generated.plan('averaged', { ...options, weight_averaging: 0.9 }, { validationFraction: 0 }),
    ]);
    const [plainResult, averagedResult] = [await train(plain, recordHooks()), await train(averaged, recordHooks())];
    const [last, snapshot] = [await readCheckpoint(plainResult.result), await readCheckpoint(averagedResult.result)];
    // The steps are the same: the average is beside them.
    assert.deepEqual(snapshot.weights, last.weights);
    assert.equal(last.averages.size, 0);
    assert.notDeepEqual(resultWeights(snapshot), snapshot.weights);
    assert.deepEqual([...snapshot.averages.keys()].sort(), [...snapshot.weights.keys()].sort());
  });
});
