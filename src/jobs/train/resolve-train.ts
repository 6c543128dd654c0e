import { existsSync } from 'node:fs';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { modelRoots } from '../../model/model-folders.ts';
import { resolveInRoots } from '../data-roots.ts';
import { resolveDataset, type SubmissionContext } from '../submission.ts';
import { refuseField } from './refuse-field.ts';
import { DEFAULT_VALIDATION_FRACTION, type TrainRequest, type TrainSpec } from './train-spec.ts';
import { trainedModelParts } from './trained-model-parts.ts';

/** Resolves names and paths of a request, so that a worker on any machine can run it. @throws PanelvecError with the param */
export async function resolveTrain(request: TrainRequest, context: SubmissionContext): Promise<TrainSpec> {
  const { dataset, output } = request;
  const base = resolveModel(request.model.base, 'model.base', context);
  assertTrainableRequest(request, base);
  assertOutputAvailable(output, context.home);
  const labels = dataset.val_pss_labels;
  return {
    ...request,
    model: { ...request.model, base: base.id },
    dataset: {
      ...(await resolveDataset(dataset, context.dataRoots)),
      val_pss_labels: labels && (await resolveInRoots(labels, 'file', context.dataRoots, 'dataset.val_pss_labels')),
      val_fraction: dataset.val_fraction ?? (labels === null ? DEFAULT_VALIDATION_FRACTION : 0),
    },
  };
}

/** A served model. @param name null: the first @throws PanelvecError with the param */
export function resolveModel(name: string | null, param: string, context: SubmissionContext): Model {
  try {
    return context.getModel(name ?? undefined);
  } catch (error) {
    if (!(error instanceof PanelvecError)) throw error;
    throw new PanelvecError(error.code, error.message, { param, cause: error });
  }
}

/** Checks all that can be checked before any page is read. @throws PanelvecError with the param */
export function assertTrainableRequest(request: TrainRequest, base: Model): void {
  trainedModelParts(request, base);
  assertValidationOptions(request);
}

/** Checks the options of validation that can be checked before any page is read. */
function assertValidationOptions({ dataset, training }: TrainRequest): void {
  const { val_pss_labels: labels, val_fraction: fraction } = dataset;
  if (labels !== null && fraction !== null && fraction > 0) {
    refuseField(
      'dataset.val_fraction',
      'val_pss_labels says which pages are held out: val_fraction must be absent or 0',
    );
  }
  if (labels === null && fraction === 0 && training.early_stopping_epochs !== null) {
    refuseField(
      'training.early_stopping_epochs',
      'early stopping needs pages for validation, and no pages are held out',
    );
  }
}

/** Refuses the name of an existing model: a service that serves it must not suddenly serve another one. */
export function assertOutputAvailable(output: string, home: string): void {
  if (!modelRoots(home).some((root) => existsSync(path.join(root, output)))) return;
  const message = `there is a model "${output}" already: choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
