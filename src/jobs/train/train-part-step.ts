import { existsSync } from 'node:fs';
import { bookOfPage } from '../../datasets/identifiers.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { TrainingPartFile, writeTrainingPart } from '../../training/data/training-part-file.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import { readPartPages, readPartTable } from '../pages/page-index-file.ts';
import type { PageProblem } from '../pages/page-report.ts';
import { toPageProblem } from '../pages/read-page.ts';
import { openFeatureRowReader } from './feature-rows.ts';
import { concatenateRows, type PageRows, type RowReader } from './page-rows.ts';
import { openPixelRowReader } from './pixel-rows.ts';
import { assertPartsSpace } from './stale-parts.ts';
import { partSizes } from './train-plan-step.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainingJobPaths } from './training-job-paths.ts';

interface UnreadablePage {
  readonly problem: PageProblem;
}

/** A page that could not be read, as the file of a part's problems lists it. */
export interface UnreadableEntry extends UnreadablePage {
  readonly id: string;
}

/**
 * One part of a job: writes the training data of some pages as one file, which holds features of frozen encoders, or the panels
 * themselves. An existing file is complete, and stays.
 */
export async function encodeTrainingPart(spec: TrainSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources, signal, reportProgress: progress, log } = context;
  const paths = trainingJobPaths(resources.home, spec.output);
  const { entries, validation } = await readPagesOfPart(spec, part, paths);
  const file = paths.work.part(part);
  if (existsSync(file)) {
    await using partFile = await TrainingPartFile.open(file);
    return { done: entries.length, badPages: entries.length - partFile.pages.length };
  }
  await assertPartsSpace(paths, (await resources.loadModel(spec.model.base)).model);
  const failure = new AbortController();
  const anySignal = AbortSignal.any([signal, failure.signal]);
  await using reader: RowReader = spec.training.freeze_backbones
    ? await openFeatureRowReader(spec, context, anySignal, validation ? 0 : spec.training.views)
    : await openPixelRowReader(spec, context, anySignal);
  let done = 0;
  const pagePromises = entries.map((entry) =>
    resources.pageLimit(async () => {
      const rows = await readRows(entry, reader, anySignal);
      progress(++done);
      return { entry, rows };
    }),
  );
  const results = await waitForAll(pagePromises, () => failure.abort());
  const readablePages: { entry: PageEntry; rows: PageRows }[] = [];
  const unreadablePages: UnreadableEntry[] = [];
  for (const { entry, rows } of results) {
    if ('problem' in rows) {
      log.warn({ page: entry.canonicalId, ...rows.problem }, 'the page cannot be read and is left out');
      unreadablePages.push({ id: entry.labelId ?? entry.canonicalId, problem: rows.problem });
    } else readablePages.push({ entry, rows });
  }
  await writeFileAtomic(paths.work.partProblems(part), JSON.stringify(unreadablePages), paths.work.scratch);
  const pageMetadata = readablePages.map(({ entry: { canonicalId: id }, rows: { count, texts } }) => ({
    id,
    book: bookOfPage(id),
    rows: count,
    texts,
    validation,
  }));
  await writeTrainingPart(file, pageMetadata, concatenateRows(readablePages.map(({ rows }) => rows)));
  return { done: entries.length, badPages: entries.length - readablePages.length };
}

async function readRows(entry: PageEntry, reader: RowReader, signal: AbortSignal): Promise<PageRows | UnreadablePage> {
  signal.throwIfAborted();
  try {
    return await reader.read(entry);
  } catch (error) {
    const problem = toPageProblem(error);
    if (problem === undefined) throw error;
    return { problem };
  }
}

/** The pages of a part. Parts of held-out pages come after the others. */
async function readPagesOfPart(spec: TrainSpec, part: number, { work }: ReturnType<typeof trainingJobPaths>) {
  const trainingPartCount = partSizes((await readPartTable(work.training)).pages).length;
  const validation = part >= trainingPartCount && spec.dataset.val_pss_labels !== null;
  const { entries } = validation
    ? await readPartPages(work.validation, part - trainingPartCount)
    : await readPartPages(work.training, part);
  return { entries, validation };
}
