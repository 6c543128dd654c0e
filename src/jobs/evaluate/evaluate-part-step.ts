import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { bookOfPage } from '../../datasets/identifiers.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { writeTrainingPart } from '../../training/data/training-part-file.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import type { PageProblem } from '../pages/page-report.ts';
import { toPageProblem } from '../pages/read-page.ts';
import { openFeatureRowReader } from '../train/feature-rows.ts';
import { concatenateRows, type PageRows, type RowReader } from '../train/page-rows.ts';
import { assertSameSpaces } from './begun-evaluation.ts';
import { listContenders } from './contenders.ts';
import { distinctEncoders } from './encoder-sets.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { readEvaluationPages } from './evaluation-pages.ts';
import { type EvaluationPartRecord, readPartRecord } from './evaluation-part-record.ts';
import { evaluationPaths } from './evaluation-paths.ts';
import { listTrainingRows } from './training-rows.ts';
import { openViewRowReader, type ViewRows } from './view-rows.ts';

/** Rows by page, without the pages that could not be read. */
type RowsByPage<R extends PageRows> = ReadonlyMap<PageEntry, R>;

/** Pages that some reader could not read. */
type Problems = Map<PageEntry, PageProblem>;

/**
 * One part of a job: writes the features of all views of some pages, and the rows that are trained on. A page that one reader
 * cannot read is left out for all, so that all contenders have the same panels.
 */
export async function encodeEvaluationPart(
  spec: EvaluateSpec,
  part: number,
  context: TaskContext,
): Promise<PartResult> {
  const { resources } = context;
  const paths = evaluationPaths(resources.home, spec.output);
  const { work } = paths;
  if (existsSync(work.partRecord(part))) return toResult(await readPartRecord(work.partRecord(part)));
  await assertSameSpaces(paths, spec, resources);
  const { entries, test } = await readEvaluationPages(spec, part, paths);
  await rm(work.partFolder(part), { recursive: true, force: true });
  await mkdir(work.partFolder(part), { recursive: true });

  const problems: Problems = new Map();
  const isMeasured = test || spec.test_pss_labels === null;
  const encoderSets = isMeasured ? distinctEncoders(await listContenders(spec, resources)) : [];
  const trainings = test ? [] : listTrainingRows(spec);
  const meter = progressOf(entries.length, encoderSets.length + trainings.length, context);
  const viewRows = new Map<string, RowsByPage<ViewRows>>();
  for (const set of encoderSets) {
    const open = (signal: AbortSignal) => openViewRowReader(set, spec.dataset, context, signal);
    viewRows.set(set.key, await readAll<ViewRows>(open, entries, problems, meter, context));
  }
  const panelCounts = new Map<PageEntry, number>();
  const readable = entries.filter((entry) => !problems.has(entry));
  const books = [...new Set(readable.map(({ canonicalId }) => bookOfPage(canonicalId)))];
  for (const { name, spec: trainSpec } of trainings) {
    const open = (signal: AbortSignal) => openFeatureRowReader(trainSpec, context, signal);
    const rows = await readAll(open, readable, problems, meter, context);
    for (const [entry, { count }] of rows) panelCounts.set(entry, count);
    for (const [i, book] of books.entries()) {
      const pages = readable.filter(({ canonicalId }) => bookOfPage(canonicalId) === book);
      await writeRows(work.trainingRows(part, name, i), pages, rows);
    }
  }
  const measured = readable.filter((entry) => !problems.has(entry));
  for (const [key, rows] of viewRows) await writeRows(work.views(part, key), measured, rows);
  const [firstRows] = viewRows.values();
  for (const [entry, { count }] of firstRows ?? []) panelCounts.set(entry, count);
  const record: EvaluationPartRecord = {
    test,
    books,
    pages: entries.map((entry) => ({
      id: entry.canonicalId,
      book: bookOfPage(entry.canonicalId),
      page_type: spec.dataset.pss_labels === null && !test ? null : entry.pageType,
      problem: problems.get(entry) ?? null,
      panel_count: problems.has(entry) ? 0 : (panelCounts.get(entry) ?? 0),
      panels: (problems.has(entry) ? undefined : firstRows?.get(entry)?.panels) ?? [],
    })),
  };
  await writeFileAtomic(work.partRecord(part), JSON.stringify(record), work.scratch);
  return toResult(record);
}

function toResult({ pages }: EvaluationPartRecord): PartResult {
  return { done: pages.length, badPages: pages.filter(({ problem }) => problem !== null).length };
}

/** Counts a page as done when all readers have read it, or tried to. */
function progressOf(pages: number, readers: number, { reportProgress }: TaskContext): () => void {
  let reads = 0;
  return () => reportProgress(Math.min(pages, Math.floor(++reads / readers)));
}

/** Reads the pages of a part with one reader, which is open as long as that takes: the memory may not hold two models. */
async function readAll<R extends PageRows>(
  open: (signal: AbortSignal) => Promise<Omit<RowReader, 'read'> & { read(entry: PageEntry): Promise<R> }>,
  entries: readonly PageEntry[],
  problems: Problems,
  onPage: () => void,
  { resources, signal, log }: TaskContext,
): Promise<RowsByPage<R>> {
  const failure = new AbortController();
  const anySignal = AbortSignal.any([signal, failure.signal]);
  await using reader = await open(anySignal);
  const rows = new Map<PageEntry, R>();
  const read = async (entry: PageEntry): Promise<void> => {
    anySignal.throwIfAborted();
    try {
      if (!problems.has(entry)) rows.set(entry, await reader.read(entry));
    } catch (error) {
      const problem = toPageProblem(error);
      if (problem === undefined) throw error;
      log.warn({ page: entry.canonicalId, ...problem }, 'the page cannot be read and is left out');
      problems.set(entry, problem);
    }
    onPage();
  };
  await waitForAll(
    entries.map((entry) => resources.pageLimit(() => read(entry))),
    () => failure.abort(),
  );
  return rows;
}

async function writeRows(file: string, entries: readonly PageEntry[], rowsByPage: RowsByPage<PageRows>): Promise<void> {
  const pages = entries.flatMap((entry) => {
    const rows = rowsByPage.get(entry);
    return rows === undefined ? [] : [{ id: entry.canonicalId, rows }];
  });
  const metadata = pages.map(({ id, rows: { count, texts } }) => ({
    id,
    book: bookOfPage(id),
    rows: count,
    texts,
    validation: false,
  }));
  await writeTrainingPart(file, metadata, concatenateRows(pages.map(({ rows }) => rows)));
}
