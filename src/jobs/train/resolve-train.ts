import { existsSync } from 'node:fs';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { modelRoots } from '../../model/model-folders.ts';
import { resolveInRoots } from '../data-roots.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import type { SubmissionRules } from '../submission-rules.ts';
import { refuse, trainedParts } from './model-parts.ts';
import { type TrainRequest, type TrainSpec, USUAL_FRACTION } from './train-spec.ts';

/** What a worker on any machine can begin with. @throws PanelvecError naming the field */
export async function resolveTrain(request: TrainRequest, rules: SubmissionRules): Promise<TrainSpec> {
  const { dataset, output } = request;
  const base = servedBase(request.model.base, rules);
  trainedParts(request, base);
  assertHeldOut(request);
  assertFree(output, rules.home);
  const labels = dataset.val_pss_labels;
  return {
    ...request,
    model: { ...request.model, base: base.id },
    dataset: {
      ...(await resolveDataset(dataset, rules.dataRoots)),
      val_pss_labels: labels && (await resolveInRoots(labels, 'file', rules.dataRoots, 'dataset.val_pss_labels')),
      val_fraction: dataset.val_fraction ?? (labels === null ? USUAL_FRACTION : 0),
    },
  };
}

function servedBase(name: string | null, rules: SubmissionRules): Model {
  try {
    return rules.served(name ?? undefined);
  } catch (error) {
    if (!(error instanceof PanelvecError)) throw error;
    throw new PanelvecError(error.code, error.message, { param: 'model.base', cause: error });
  }
}

/** What can be said of the pages for validation before any is read. */
function assertHeldOut({ dataset, training }: TrainRequest): void {
  const { val_pss_labels: labels, val_fraction: fraction } = dataset;
  if (labels !== null && fraction !== null && fraction > 0) {
    refuse('dataset.val_fraction', 'val_pss_labels says already which pages are held out');
  }
  if (labels === null && fraction === 0 && training.early_stopping_epochs !== null) {
    refuse('training.early_stopping_epochs', 'no pages are held out, and there is nothing to stop early by');
  }
}

/** A model is never written over: whoever serves it would serve another one from one day to the next. */
export function assertFree(output: string, home: string): void {
  if (!modelRoots(home).some((root) => existsSync(path.join(root, output)))) return;
  const message = `output: there is a model "${output}" already: choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
