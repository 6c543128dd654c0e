import { existsSync } from 'node:fs';
import { bookOf } from '../../datasets/identifiers.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { allSettled } from '../../settled.ts';
import { PartFile, writePart } from '../../training/data/part-file.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import { readPartPages, readPartTable } from '../pages/page-index.ts';
import { problemOfPage } from '../pages/read-page.ts';
import { frozenRows } from './frozen-rows.ts';
import { joinRows, type PageRows, type RowReader } from './page-rows.ts';
import { pagesOfParts } from './plan.ts';
import { trainFolder } from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainedRows } from './trained-rows.ts';

/** Of a page that could not be read, in the file of its part. */
interface Bad {
  readonly problem: { readonly reason: string; readonly detail: string };
}

/**
 * What is trained on of some pages, in one file: what frozen encoders say of their panels, or the panels themselves. A file
 * that is there already is whole, and stays.
 */
export async function trainPart(spec: TrainSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources, signal, progress, log } = context;
  const place = trainFolder(resources.home, spec.output);
  const { entries, validation } = await pagesOf(spec, part, place);
  const file = place.work.part(part);
  if (existsSync(file)) {
    await using found = await PartFile.open(file);
    return { done: entries.length, bad: entries.length - found.pages.length };
  }
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  await using reader: RowReader = spec.training.freeze_backbones
    ? await frozenRows(spec, context, both)
    : await trainedRows(spec, context, both);
  let done = 0;
  const work = entries.map((entry) =>
    resources.pages(async () => {
      const rows = await readRows(entry, reader, both);
      progress(++done);
      return rows;
    }),
  );
  const read = await allSettled(work, () => failed.abort());
  const good: { entry: PageEntry; rows: PageRows }[] = [];
  for (const [at, rows] of read.entries()) {
    const entry = entries[at]!;
    if ('problem' in rows) log.warn({ page: entry.canonicalId, ...rows.problem }, 'the page is not trained on');
    else good.push({ entry, rows });
  }
  const notes = good.map(({ entry: { canonicalId: id }, rows: { count, texts } }) => ({
    id,
    book: bookOf(id),
    rows: count,
    texts,
    validation,
  }));
  await writePart(file, notes, joinRows(good.map(({ rows }) => rows)));
  return { done: entries.length, bad: entries.length - good.length };
}

async function readRows(entry: PageEntry, reader: RowReader, signal: AbortSignal): Promise<PageRows | Bad> {
  signal.throwIfAborted();
  try {
    return await reader.read(entry);
  } catch (error) {
    const problem = problemOfPage(error);
    if (problem === undefined) throw error;
    return { problem };
  }
}

/** Parts of the pages that are held out come after those of the others. */
async function pagesOf(spec: TrainSpec, part: number, { work }: ReturnType<typeof trainFolder>) {
  const parts = pagesOfParts((await readPartTable(work.training)).pages).length;
  const validation = part >= parts && spec.dataset.val_pss_labels !== null;
  const { entries } = validation
    ? await readPartPages(work.validation, part - parts)
    : await readPartPages(work.training, part);
  return { entries, validation };
}
