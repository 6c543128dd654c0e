import { z } from 'zod';
import { completeDataset, type Dataset, MANY_PAGE_FORMATS } from '../datasets/dataset-spec.ts';
import type { Model } from '../model/model.ts';
import { type PathKind, resolveInRoots } from './data-roots.ts';

/** What the service knows when a job is submitted. */
export interface SubmissionContext {
  readonly home: string;
  readonly dataRoots: readonly string[];
  /** A served or registered model, the default if no name is given. @throws PanelvecError model_not_found */
  getModel(name: string | undefined): Model;
}

/** What a service knows beside it. */
export interface ServiceSubmissionContext extends SubmissionContext {
  /** @throws PanelvecError search_unavailable where there can be no collections */
  assertCollections(): Promise<void>;
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
  const complete = completeDataset(dataset);
  const { manifest, pages, pss_labels: labels, panels } = complete;
  const mayBeOneFile = panels.format === 'auto' || MANY_PAGE_FORMATS.has(panels.format);
  const resolve = async (file: string | null, kind: PathKind, field: string) =>
    file === null ? null : await resolveInRoots(file, kind, dataRoots, `dataset.${field}`);
  return {
    ...complete,
    manifest: await resolve(manifest, 'file', 'manifest'),
    pages: await resolve(pages, 'any', 'pages'),
    pss_labels: await resolve(labels, 'file', 'pss_labels'),
    panels: {
      ...panels,
      root: await resolve(panels.root, mayBeOneFile ? 'any' : 'folder', 'panels.root'),
      texts: panels.texts && {
        ...panels.texts,
        root: await resolveInRoots(panels.texts.root, 'any', dataRoots, 'dataset.panels.texts.root'),
      },
    },
  };
}
