import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DatasetSplit } from '../../../src/training/data/dataset-split.ts';
import type { TrainingPage } from '../../../src/training/data/training-set.ts';
import { assertTrainableDataset } from '../../../src/training/preparation/assert-trainable-dataset.ts';
import { trainingSchema } from '../../../src/training/training-spec.ts';

const makePage = (rows: number, texts: number): TrainingPage => ({
  id: 'a/1',
  book: 'a',
  rows,
  texts,
  validation: false,
  part: 0,
  firstRow: 0,
});
const TRAINABLE_SPLIT: DatasetSplit = { training: [makePage(2, 1), makePage(1, 0)], validation: [makePage(1, 0)] };

const check = (split: Partial<DatasetSplit>, options: object = {}, fraction = 0.1) =>
  assertTrainableDataset(
    { ...TRAINABLE_SPLIT, ...split },
    trainingSchema.parse({ batch_size: 2, ...options }),
    fraction,
  );

describe('pages to train on', () => {
  it('are enough where one has two panels and one has text', () => {
    check({});
    check({ validation: [] }, {}, 0);
  });

  for (const [name, split, options, fraction, param] of [
    ['no pages', { training: [] }, {}, 0.1, 'dataset'],
    ['single panels alone', { training: [makePage(1, 1), makePage(1, 1)] }, {}, 0.1, 'dataset'],
    ['no words', { training: [makePage(2, 0), makePage(3, 0)] }, {}, 0.1, 'training.weights.alignment'],
    ['fewer pages than a batch has', {}, { batch_size: 3 }, 0.1, 'training.batch_size'],
    ['nothing held out, though a share was asked for', { validation: [] }, {}, 0.1, 'dataset.val_fraction'],
    [
      'nothing held out to stop early by',
      { validation: [] },
      { early_stopping_epochs: 2 },
      0,
      'training.early_stopping_epochs',
    ],
  ] as const) {
    it(`are refused: ${name}`, () => {
      const expectedError = { name: 'PanelvecError', code: 'dataset_invalid', param };
      assert.throws(() => check(split as Partial<DatasetSplit>, options, fraction), expectedError);
    });
  }

  it('need only what their objectives need', () => {
    check({ training: [makePage(1, 1), makePage(1, 1)] }, { weights: { contrastive: 0, reconstruction: 0 } });
    check({ training: [makePage(2, 0), makePage(2, 0)] }, { weights: { alignment: 0 } });
    check({}, { early_stopping_epochs: 2 });
  });
});
