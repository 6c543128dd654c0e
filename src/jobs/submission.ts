import { z } from 'zod';
import type { Dataset } from '../datasets/dataset-spec.ts';
import type { Model } from '../model/model.ts';
import { resolveInRoots } from './data-roots.ts';

/** What the service knows when a job is submitted. */
export interface SubmissionContext {
  readonly home: string;
  readonly dataRoots: readonly string[];
  /** A served model, the first one if no name is given. @throws PanelvecError model_not_found */
  getModel(name: string | undefined): Model;
}

/** The field `max_bad_pages` of every kind of job. */
export const maxBadPagesSchema = z
  .number()
  .min(0)
  .max(1)
  .default(0.1)
  .describe('Share of pages that may be unreadable; more of them fail the job');

/** The dataset with absolute paths. @throws PanelvecError naming the field whose file or folder is not inside the roots */
export async function resolveDataset<D extends Dataset>(dataset: D, dataRoots: readonly string[]): Promise<D> {
  const { panels } = dataset;
  return {
    ...dataset,
    manifest: await resolveInRoots(dataset.manifest, 'file', dataRoots, 'dataset.manifest'),
    pss_labels: await resolveInRoots(dataset.pss_labels, 'file', dataRoots, 'dataset.pss_labels'),
    panels: { ...panels, root: await resolveInRoots(panels.root, 'folder', dataRoots, 'dataset.panels.root') },
  };
}
