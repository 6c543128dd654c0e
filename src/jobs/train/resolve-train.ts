import { existsSync } from 'node:fs';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { modelRoots } from '../../model/model-folders.ts';
import { resolveInRoots } from '../data-roots.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import type { SubmissionRules } from '../submission-rules.ts';
import { trainedParts } from './model-parts.ts';
import { type TrainRequest, type TrainSpec, USUAL_FRACTION } from './train-spec.ts';

/** What a worker on any machine can begin with. @throws PanelvecError naming the field */
export async function resolveTrain(request: TrainRequest, rules: SubmissionRules): Promise<TrainSpec> {
  const { dataset, output } = request;
  const base = rules.served(request.model.base ?? undefined);
  trainedParts(request, base);
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

/** A model is never written over: whoever serves it would serve another one from one day to the next. */
export function assertFree(output: string, home: string): void {
  if (!modelRoots(home).some((root) => existsSync(path.join(root, output)))) return;
  const message = `output: there is a model "${output}" already: choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
