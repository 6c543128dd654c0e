import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { COLUMNS, type Column } from '../../src/training/data/columns.ts';
import { PartFile, writePart } from '../../src/training/data/part-file.ts';
import { TrainingSet } from '../../src/training/data/training-set.ts';
import { takeStep } from '../../src/training/take-step.ts';
import { train } from '../../src/training/train.ts';
import { type DrawnSet, drawTrainingSet, listen, makeStepper } from '../support/training-set.ts';

describe('on pages whose panels are alike', () => {
  let set: DrawnSet;
  before(async () => {
    set = await drawTrainingSet({ books: 10, pagesPerBook: 6, spread: 1.5 });
  });
  after(() => set.remove());

  it('the loss falls, and panels are found by their page far better than by the seeded head', async () => {
    const plan = await set.plan('learns', {
      epochs: 15,
      batch_size: 9,
      learning_rate: 0.01,
      weights: { alignment: 0, fused_alignment: 0 },
      best_by: 'same_page_precision',
    });
    const heard = listen();
    const { baseline, best, skipped } = await train(plan, heard);
    const losses = heard.records.filter(({ kind }) => kind === 'epoch').map(({ values }) => values['loss']!);
    assert.ok(losses.at(-1)! < losses[0]! / 2, `losses ${losses}`);
    const [before, after] = [baseline!['same_page_precision']!, best!.measures['same_page_precision']!];
    assert.ok(after > 2 * before, `precision ${before} -> ${after}`);
    assert.equal(skipped, 0);
  });
});

/** The set's parts with features of a page, by its number, made NaN. */
async function spoil(set: DrawnSet, isSpoilt: (page: number) => boolean): Promise<readonly string[]> {
  const files: string[] = [];
  let number = 0;
  for (const file of set.parts) {
    await using part = await PartFile.open(file);
    const columns = new Map<string, Column>();
    const rows = part.pages.reduce((sum, page) => sum + page.rows, 0);
    for (const name of part.columns) columns.set(name, await part.read(name, 0, rows));
    const words = columns.get(COLUMNS.text)!;
    const values = new Float32Array(words.bytes.buffer);
    let row = 0;
    for (const page of part.pages) {
      if (isSpoilt(number++)) values.fill(Number.NaN, row * words.shape[0]!, (row + page.rows) * words.shape[0]!);
      row += page.rows;
    }
    files.push(`${file}.spoilt`);
    await writePart(files.at(-1)!, part.pages, columns);
  }
  return files;
}

describe('steps without finite numbers', () => {
  let set: DrawnSet;
  before(async () => {
    set = await drawTrainingSet();
  });
  after(() => set.remove());

  it('are passed over and counted: one page of NaN features', async () => {
    const parts = await spoil(set, (page) => page === 3);
    const heard = listen();
    const plan = await set.plan('a page', {}, { parts, validationFraction: 0 });
    const { skipped, steps } = await train(plan, heard);
    assert.deepEqual([skipped, steps], [3, 15]);
    const lines = heard.records.filter(({ kind }) => kind === 'step');
    assert.equal(lines.filter(({ values }) => !Number.isFinite(values['loss'])).length, 3);
    assert.equal(lines.at(-1)!.values['skipped_steps'], 3);
    // The mean of an epoch is that of the steps that were taken.
    assert.ok(heard.records.filter(({ kind }) => kind === 'epoch').every(({ values }) => values['loss']! > 0));
  });

  for (const [name, options, spoilt] of [
    ['a learning rate of a million', { learning_rate: 1e6, warmup_epochs: 0 }, false],
    ['features that are all NaN', {}, true],
  ] as const) {
    it(`fail the training when there are too many: ${name}`, async () => {
      const parts = spoilt ? await spoil(set, () => true) : set.parts;
      const plan = await set.plan(name, { epochs: 50 }, { parts, validationFraction: 0 });
      const heard = listen();
      const wild = { ...plan, options: { ...plan.options, ...options, max_skipped_steps: 5 } };
      const expected = { code: 'training_diverged', param: 'training.learning_rate', message: /^5 steps/ };
      await assert.rejects(train(wild, heard), expected);
      assert.equal(heard.records.at(-1)!.values['skipped_steps'], 5);
    });
  }

  it('leave weights, moments and statistics as they were', async () => {
    const plan = await set.plan('as they were', {}, { parts: await spoil(set, (page) => page === 1) });
    await using data = await TrainingSet.open(plan.parts);
    const stepper = await makeStepper(plan);
    const rates = { head: 0.01 };
    const { options } = plan;
    const step = (pages: number[], micro: number) => {
      const chosen = pages.map((page) => data.pages[page]!);
      return takeStep(stepper, data, chosen, { options, step: 0, rates, micro: { pages: micro }, note: assert.fail });
    };
    const numbers = () => {
      const { values, first, second } = stepper.optimizer.state;
      const all = [values, first, second].map((memory) =>
        Buffer.from(Float32Array.from(memory).buffer).toString('base64'),
      );
      const weights = [...stepper.weights()].map(([key, { bytes }]) => [key, Buffer.from(bytes).toString('base64')]);
      return { all, weights, count: stepper.optimizer.count };
    };
    try {
      assert.equal((await step([2, 3, 4], 4)).taken, true);
      const before = numbers();
      for (const micro of [4, 1]) {
        const { taken, losses } = await step([2, 3, 1], micro);
        assert.deepEqual([taken, Number.isNaN(losses.loss)], [false, true]);
        assert.deepEqual(numbers(), before);
      }
      assert.equal((await step([2, 3, 4], 4)).taken, true);
      assert.notDeepEqual(numbers(), before);
    } finally {
      await stepper.close();
    }
  });
});
