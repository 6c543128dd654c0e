import { createReadStream } from 'node:fs';
import { PanelvecError } from '../../errors.ts';
import { readPartTable } from './page-index-file.ts';
import { type PageRecord, readPartRecord } from './part-record.ts';
import type { ReportPaths } from './report-paths.ts';

/** What to do about a file of a job that is missing. */
export const RESUBMIT_HINT = 'submit the job again to make it';

/** A page with its place in the order of the dataset. */
export interface RecordedPage extends PageRecord {
  readonly row: number;
}

/** Yields all pages in the order of the dataset. @throws PanelvecError if a record is missing */
export async function* readPageRecords(paths: ReportPaths): AsyncGenerator<RecordedPage> {
  const { pages } = await readPartTable(paths.work);
  let row = 0;
  for (let part = 0; row < pages; part++) {
    const record = await readPartRecord(paths, part);
    if (record === undefined)
      throw new PanelvecError('internal', `the record of part ${part} is gone: ${RESUBMIT_HINT}`);
    for (const page of record.pages) yield { ...page, row: row++ };
  }
}

/** Yields the pages that a job has read so far, in their order. Bad pages of an earlier job are left out: it will read them again. */
export async function* readRecordsOfJob(
  paths: ReportPaths,
  jobId: string,
  pagesPerPart: number,
): AsyncGenerator<RecordedPage> {
  const { pages } = await readPartTable(paths.work);
  for (let part = 0; part * pagesPerPart < pages; part++) {
    const record = await readPartRecord(paths, part);
    if (record === undefined || (record.jobId !== jobId && record.pages.some(({ problem }) => problem))) continue;
    for (const [i, page] of record.pages.entries()) yield { ...page, row: part * pagesPerPart + i };
  }
}

/** Yields a line for each page that could not be read. */
export async function* errorLines(pages: AsyncIterable<RecordedPage>): AsyncGenerator<string> {
  for await (const { row, id, problem } of pages) {
    if (problem) yield `${JSON.stringify({ sequence_index: row, canonical_id: id, ...problem })}\n`;
  }
}

/** Yields lines for pages that the index skipped, then for skipped panels and notes of other pages. */
export async function* skippedLines(skippedPages: string, pages: AsyncIterable<RecordedPage>): AsyncGenerator<string> {
  yield* createReadStream(skippedPages, 'utf8');
  for await (const { id, skipped, notes } of pages) {
    for (const { panel, reason } of skipped) yield `${JSON.stringify({ id, panel, reason })}\n`;
    for (const { panel, ...note } of notes) yield `${JSON.stringify({ id, panel, ...note })}\n`;
  }
}
