import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { PanelvecError } from '../../errors.ts';
import { writeWhole } from '../../formats/whole-file.ts';
import type { Plan, TaskContext } from '../job-kind.ts';
import { type PageIndex, writePageIndex } from '../pages/page-index.ts';
import { removeStaleParts } from './parts-of-before.ts';
import { assertFree } from './resolve-train.ts';
import { leaveNothing, type TrainFolder, trainFolder } from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';

/** Pages whose features lie in one file. */
const PAGES_PER_PART = 100;

/**
 * Indexes the pages to train on, and those to be held out where the dataset names them. A training of the same spec that was
 * given up is gone on with.
 * @throws PanelvecError dataset_invalid without pages; output_conflict where there is such a model
 */
export async function planTrain(spec: TrainSpec, context: TaskContext): Promise<Plan> {
  const { home } = context.resources;
  assertFree(spec.output, home);
  const place = trainFolder(home, spec.output);
  const isNew = await beginFolder(place, spec);
  try {
    return await planPages(spec, place, context);
  } catch (error) {
    if (isNew) await leaveNothing(place, error);
    throw error;
  }
}

async function planPages(spec: TrainSpec, place: TrainFolder, context: TaskContext): Promise<Plan> {
  const { pss_labels: labels, val_pss_labels: heldLabels, limit } = spec.dataset;
  const held = new Set<string>();
  const indexes: PageIndex[] = [];
  if (heldLabels !== null) {
    // All of them, whatever the limit: none that is named is to be trained on.
    const note = ({ canonicalId }: PageEntry) => held.add(canonicalId).size <= (limit ?? Number.POSITIVE_INFINITY);
    const dataset = { ...spec.dataset, pss_labels: heldLabels, limit: null };
    const index = await writePageIndex(place.work.validation, dataset, PAGES_PER_PART, context, note);
    await keep(index, spec, 'dataset.val_pss_labels');
    indexes.push(index);
  }
  const dataset = { ...spec.dataset, pss_labels: labels };
  const isFree = ({ canonicalId }: PageEntry) => !held.has(canonicalId);
  const index = await writePageIndex(place.work.training, dataset, PAGES_PER_PART, context, isFree);
  await keep(index, spec, 'dataset.pss_labels');
  indexes.unshift(index);
  const parts = indexes.flatMap(({ pages }) => pagesOfParts(pages));
  await removeStaleParts(place, context.jobId, indexes, parts);
  const pages = parts.reduce((sum, count) => sum + count, 0);
  return { parts, mostBad: Math.floor(spec.max_bad_pages * pages) };
}

/** How many pages each part has. */
export function pagesOfParts(pages: number): number[] {
  return Array.from({ length: Math.ceil(pages / PAGES_PER_PART) }, (_, part) =>
    Math.min(PAGES_PER_PART, pages - part * PAGES_PER_PART),
  );
}

/** Whether it was begun just now. */
async function beginFolder(place: TrainFolder, spec: TrainSpec): Promise<boolean> {
  const text = `${JSON.stringify(spec, undefined, 2)}\n`;
  const found = await readFile(place.spec, 'utf8').catch(() => undefined);
  if (found !== text) await rm(place.folder, { recursive: true, force: true });
  await mkdir(place.work.scratch, { recursive: true });
  await mkdir(path.dirname(place.work.part(0)), { recursive: true });
  if (!existsSync(place.spec)) await writeWhole(place.spec, Buffer.from(text), place.work.scratch);
  return found !== text;
}

async function keep(index: PageIndex, spec: TrainSpec, param: string): Promise<void> {
  try {
    assertPages(index, spec, param);
    await index.keep();
  } catch (error) {
    await index.discard();
    throw error;
  }
}

function assertPages({ pages, report }: PageIndex, { dataset }: TrainSpec, param: string): void {
  if (pages > 0) return;
  const what = dataset.only_narrative ? 'narrative page' : 'page';
  const reasons = Object.entries(report.skipped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`);
  if (report.kept > 0) reasons.push(`${report.kept} held out`);
  const message = `no ${what} is left of ${report.labels} labels and ${report.manifest.rows} manifest rows (${reasons.join(', ') || 'nothing skipped'})`;
  throw new PanelvecError('dataset_invalid', message, { param });
}
