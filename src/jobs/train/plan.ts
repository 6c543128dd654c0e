import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { writeWhole } from '../../formats/whole-file.ts';
import type { Plan, TaskContext } from '../job-kind.ts';
import { type PageIndex, writePageIndex } from '../pages/page-index.ts';
import { assertFree } from './resolve-train.ts';
import { type TrainFolder, trainFolder } from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';

/** Pages whose features lie in one file. */
export const PAGES_PER_PART = 100;

/**
 * Indexes the pages to train on, and those to be held out where the dataset names them. A training of the same spec that was
 * given up is gone on with.
 * @throws PanelvecError dataset_invalid without pages; output_conflict where there is such a model
 */
export async function planTrain(spec: TrainSpec, context: TaskContext): Promise<Plan> {
  const { home } = context.resources;
  assertFree(spec.output, home);
  const place = trainFolder(home, spec.output);
  await beginFolder(place, spec);
  const pages = await index(place.work.training, spec.dataset.pss_labels, 'dataset.pss_labels');
  const held =
    spec.dataset.val_pss_labels === null
      ? 0
      : await index(place.work.validation, spec.dataset.val_pss_labels, 'dataset.val_pss_labels');
  return { parts: [...inParts(pages), ...inParts(held)], mostBad: Math.floor(spec.max_bad_pages * (pages + held)) };

  async function index(files: TrainFolder['work']['training'], labels: string, param: string): Promise<number> {
    const found = await writePageIndex(files, { ...spec.dataset, pss_labels: labels }, PAGES_PER_PART, context);
    try {
      assertPages(found, spec, param);
      await found.keep();
    } catch (error) {
      await found.discard();
      throw error;
    }
    return found.pages;
  }
}

/** How many pages each part has. */
function inParts(pages: number): number[] {
  return Array.from({ length: Math.ceil(pages / PAGES_PER_PART) }, (_, part) =>
    Math.min(PAGES_PER_PART, pages - part * PAGES_PER_PART),
  );
}

async function beginFolder(place: TrainFolder, spec: TrainSpec): Promise<void> {
  const text = `${JSON.stringify(spec, undefined, 2)}\n`;
  const found = await readFile(place.spec, 'utf8').catch(() => undefined);
  if (found !== text) await rm(place.folder, { recursive: true, force: true });
  await mkdir(place.work.scratch, { recursive: true });
  await mkdir(path.dirname(place.work.part(0)), { recursive: true });
  if (!existsSync(place.spec)) await writeWhole(place.spec, Buffer.from(text), place.work.scratch);
}

function assertPages({ pages, report }: PageIndex, { dataset }: TrainSpec, param: string): void {
  if (pages > 0) return;
  const what = dataset.only_narrative ? 'narrative page' : 'page';
  const reasons = Object.entries(report.skipped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`);
  const message = `no ${what} is left of ${report.labels} labels and ${report.manifest.rows} manifest rows (${reasons.join(', ') || 'nothing skipped'})`;
  throw new PanelvecError('dataset_invalid', message, { param });
}
