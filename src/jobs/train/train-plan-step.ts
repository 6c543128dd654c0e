import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { JobPlan, TaskContext } from '../job-kind.ts';
import { assertNotEmpty } from '../pages/assert-not-empty.ts';
import { hashDatasetFiles } from '../pages/hash-files.ts';
import { type PageIndex, writePageIndex } from '../pages/page-index-file.ts';
import { assertOutputAvailable } from './resolve-train.ts';
import { removeStaleParts } from './stale-parts.ts';
import type { TrainSpec } from './train-spec.ts';
import { removeInvalidTraining, type TrainingJobPaths, trainingJobPaths } from './training-job-paths.ts';

/** Pages of one part. */
export const PAGES_PER_PART = 100;

/**
 * The first step of a job: indexes the pages to train on, and those to hold out where the dataset names them. A training of the
 * same spec that was cancelled or failed is resumed.
 * @throws PanelvecError dataset_invalid without pages; output_conflict where there is a model of that name
 */
export async function planTrain(spec: TrainSpec, context: TaskContext): Promise<JobPlan> {
  const { home } = context.resources;
  assertOutputAvailable(spec.output, home);
  const paths = trainingJobPaths(home, spec.output);
  const isNew = await prepareFolder(paths, spec);
  try {
    return await planPages(spec, paths, context);
  } catch (error) {
    if (isNew) await removeInvalidTraining(paths, error);
    throw error;
  }
}

async function planPages(spec: TrainSpec, paths: TrainingJobPaths, context: TaskContext): Promise<JobPlan> {
  const { pss_labels: labels, val_pss_labels: validationLabels, limit } = spec.dataset;
  const heldOutIds = new Set<string>();
  const indexes: PageIndex[] = [];
  if (validationLabels !== null) {
    // The limit does not apply to the ids: a page that is named here must never be trained on.
    const holdOut = ({ canonicalId }: PageEntry) =>
      heldOutIds.add(canonicalId).size <= (limit ?? Number.POSITIVE_INFINITY);
    const dataset = { ...spec.dataset, pss_labels: validationLabels, limit: null };
    const index = await writePageIndex(paths.work.validation, dataset, PAGES_PER_PART, context, holdOut);
    await keepIndex(index, spec, 'dataset.val_pss_labels', context);
    indexes.push(index);
  }
  const dataset = { ...spec.dataset, pss_labels: labels };
  const isNotHeldOut = ({ canonicalId }: PageEntry) => !heldOutIds.has(canonicalId);
  const index = await writePageIndex(paths.work.training, dataset, PAGES_PER_PART, context, isNotHeldOut);
  await keepIndex(index, spec, 'dataset.pss_labels', context);
  indexes.unshift(index);
  const parts = indexes.flatMap(({ pages }) => partSizes(pages));
  const { model } = await context.resources.loadModel(spec.model.base);
  const indexFiles = validationLabels === null ? [paths.work.training] : [paths.work.training, paths.work.validation];
  const files: string[] = [];
  for (const index of indexFiles) files.push(await hashDatasetFiles(spec.dataset, index, context));
  await removeStaleParts(paths, context.jobId, model, { indexes, files }, parts);
  const pages = parts.reduce((sum, count) => sum + count, 0);
  return { partSizes: parts, maxBadPages: Math.floor(spec.max_bad_pages * pages) };
}

/** The number of pages of each part. */
export function partSizes(pages: number): number[] {
  return Array.from({ length: Math.ceil(pages / PAGES_PER_PART) }, (_, part) =>
    Math.min(PAGES_PER_PART, pages - part * PAGES_PER_PART),
  );
}

/** Prepares the folder of the training, which is emptied where it belongs to another spec. Returns whether it was. */
async function prepareFolder(paths: TrainingJobPaths, spec: TrainSpec): Promise<boolean> {
  const text = `${JSON.stringify(spec, undefined, 2)}\n`;
  const previousText = await readFile(paths.spec, 'utf8').catch(() => undefined);
  if (previousText !== text) await rm(paths.folder, { recursive: true, force: true });
  await mkdir(paths.work.scratch, { recursive: true });
  await mkdir(path.dirname(paths.work.part(0)), { recursive: true });
  if (!existsSync(paths.spec)) await writeFileAtomic(paths.spec, text, paths.work.scratch);
  return previousText !== text;
}

async function keepIndex(index: PageIndex, spec: TrainSpec, param: string, context: TaskContext): Promise<void> {
  try {
    await assertNotEmpty(index, spec.dataset.only_narrative ? 'narrative page' : 'page', param, context);
    await index.commit();
  } catch (error) {
    await index.discard();
    throw error;
  }
}
