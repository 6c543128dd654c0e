import { PanelvecError } from '../../errors.ts';
import type { DatasetSplit } from '../data/dataset-split.ts';
import type { TrainingOptions } from '../training-spec.ts';

/** Asserts that the pages have what their training needs. @throws PanelvecError dataset_invalid naming what they lack */
export function assertTrainableDataset(
  { training, validation }: DatasetSplit,
  options: TrainingOptions,
  validationFraction: number,
): void {
  const refuse = (message: string, param = 'dataset'): never => {
    throw new PanelvecError('dataset_invalid', message, { param });
  };
  const { contrastive, reconstruction, alignment } = options.weights;
  const panels = training.reduce((sum, { rows }) => sum + rows, 0);
  if (panels === 0) refuse('no page to train on has a panel');
  if (training.every(({ rows }) => rows < 2) && contrastive + reconstruction > 0) {
    refuse('no page to train on has two panels: the contrastive and reconstruction objectives need two');
  }
  if (training.every(({ texts }) => texts === 0) && alignment > 0) {
    refuse(
      'no panel to train on has text: set the weight of the alignment objective to 0',
      'training.weights.alignment',
    );
  }
  if (options.epochs > 0 && options.batch_size > training.length) {
    const message = `a batch of ${options.batch_size} pages is larger than the ${training.length} pages to train on`;
    refuse(message, 'training.batch_size');
  }
  if (validation.length === 0 && validationFraction > 0) {
    refuse(
      `no book is small enough to hold out ${validationFraction} of the pages: set val_pss_labels, or a larger val_fraction`,
      'dataset.val_fraction',
    );
  }
  if (validation.length === 0 && options.early_stopping_epochs !== null) {
    refuse('early stopping needs pages for validation, and there are none', 'training.early_stopping_epochs');
  }
}
