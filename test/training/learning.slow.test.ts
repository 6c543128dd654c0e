import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TrainingPartFile, writeTrainingPart } from '../../src/training/data/training-part-file.ts';
import { TrainingSet } from '../../src/training/data/training-set.ts';
import { trainStep } from '../../src/training/step/train-step.ts';
import { train } from '../../src/training/train.ts';
import { COLUMNS, type Column } from '../../src/training/training-columns.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  makeTrainableModel,
  recordHooks,
} from '../support/generated-training-set.ts';

describe('on pages whose panels are alike', () => {
  let generated: GeneratedTrainingSet;
  before(async () => {
    generated = await generateTrainingSet({ books: 10, pagesPerBook: 6, panelVariation: 1.5 });
  });
  after(() => generated.remove());

  it('the loss falls, and panels of a page are found far better than with the seeded head', async () => {
    const plan = await generated.plan('learns', {
      epochs: 15,
      batch_size: 9,
      learning_rate: 0.01,
      weights: { alignment: 0, fused_alignment: 0 },
      best_by: 'same_page_precision',
    });
    const hooks = recordHooks();
    const { baseline, best, skipped } = await train(plan, hooks);
    const losses = hooks.records.filter(({ kind }) => kind === 'epoch').map(({ values }) => values['loss']!);
    assert.ok(losses.at(-1)! < losses[0]! / 2, `losses ${losses}`);
    const [before, after] = [baseline!['same_page_precision']!, best!.measures['same_page_precision']!];
    assert.ok(after > 2 * before, `precision ${before} -> ${after}`);
    assert.equal(skipped, 0);
  });
});

/** The set's parts with features of a page, by its number, made NaN. */
async function writePartsWithNaN(
  generated: GeneratedTrainingSet,
  isNaNPage: (page: number) => boolean,
): Promise<readonly string[]> {
  const files: string[] = [];
  let pageIndex = 0;
  for (const file of generated.parts) {
    await using part = await TrainingPartFile.open(file);
    const columns = new Map<string, Column>();
    const rows = part.pages.reduce((sum, page) => sum + page.rows, 0);
    for (const name of part.columns) columns.set(name, await part.read(name, 0, rows));
    const textColumn = columns.get(COLUMNS.text)!;
    const values = new Float32Array(textColumn.bytes.buffer);
    let row = 0;
    for (const page of part.pages) {
      if (isNaNPage(pageIndex++))
        values.fill(Number.NaN, row * textColumn.shape[0]!, (row + page.rows) * textColumn.shape[0]!);
      row += page.rows;
    }
    files.push(`${file}.spoilt`);
    await writeTrainingPart(files.at(-1)!, part.pages, columns);
  }
  return files;
}

describe('steps without finite numbers', () => {
  let generated: GeneratedTrainingSet;
  before(async () => {
    generated = await generateTrainingSet();
  });
  after(() => generated.remove());

  it('are skipped and counted: one page of NaN features', async () => {
    const partFiles = await writePartsWithNaN(generated, (page) => page === 3);
    const hooks = recordHooks();
    const plan = await generated.plan('a page', {}, { partFiles, validationFraction: 0 });
    const { skipped, steps } = await train(plan, hooks);
    assert.deepEqual([skipped, steps], [3, 15]);
    const stepRecords = hooks.records.filter(({ kind }) => kind === 'step');
    assert.equal(stepRecords.filter(({ values }) => !Number.isFinite(values['loss'])).length, 3);
    assert.equal(stepRecords.at(-1)!.values['skipped_steps'], 3);
    // The mean of an epoch is that of the steps that were taken.
    assert.ok(hooks.records.filter(({ kind }) => kind === 'epoch').every(({ values }) => values['loss']! > 0));
  });

  for (const [name, options, hasNaN] of [
    ['a learning rate of a million', { learning_rate: 1e6, warmup_epochs: 0 }, false],
    ['features that are all NaN', {}, true],
  ] as const) {
    it(`fail the training when there are too many: ${name}`, async () => {
      const partFiles = hasNaN ? await writePartsWithNaN(generated, () => true) : generated.parts;
      const plan = await generated.plan(name, { epochs: 50 }, { partFiles, validationFraction: 0 });
      const hooks = recordHooks();
      const divergingPlan = { ...plan, options: { ...plan.options, ...options, max_skipped_steps: 5 } };
      const expected = { code: 'training_diverged', param: 'training.learning_rate', message: /^5 steps/ };
      await assert.rejects(train(divergingPlan, hooks), expected);
      assert.equal(hooks.records.at(-1)!.values['skipped_steps'], 5);
    });
  }

  it('leave weights, moments and statistics as they were', async () => {
    const plan = await generated.plan(
      'as they were',
      {},
      { partFiles: await writePartsWithNaN(generated, (page) => page === 1) },
    );
    await using trainingSet = await TrainingSet.open(plan.partFiles);
    const trainableModel = await makeTrainableModel(plan);
    const learningRates = { head: 0.01 };
    const { options } = plan;
    const step = (pages: number[], microBatchSize: number) => {
      const batch = pages.map((page) => trainingSet.pages[page]!);
      return trainStep(trainableModel, trainingSet, batch, {
        options,
        step: 0,
        learningRates,
        microBatchSize,
        warn: assert.fail,
      });
    };
    const readState = () => {
      const { values, firstMoments, secondMoments } = trainableModel.optimizer.state;
      const encodedState = [values, firstMoments, secondMoments].map((memory) =>
        Buffer.from(Float32Array.from(memory).buffer).toString('base64'),
      );
      const weights = [...trainableModel.weights()].map(([key, { bytes }]) => [
        key,
        Buffer.from(bytes).toString('base64'),
      ]);
      return { all: encodedState, weights, count: trainableModel.optimizer.stepCount };
    };
    try {
      assert.equal((await step([2, 3, 4], 4)).isApplied, true);
      const before = readState();
      for (const microBatchSize of [4, 1]) {
        const { isApplied, losses } = await step([2, 3, 1], microBatchSize);
        assert.deepEqual([isApplied, Number.isNaN(losses.loss)], [false, true]);
        assert.deepEqual(readState(), before);
      }
      assert.equal((await step([2, 3, 4], 4)).isApplied, true);
      assert.notDeepEqual(readState(), before);
    } finally {
      await trainableModel.close();
    }
  });
});
