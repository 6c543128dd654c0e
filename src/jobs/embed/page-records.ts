import { createReadStream } from 'node:fs';
import { PanelvecError } from '../../errors.ts';
import { escapeNonAscii } from '../../util/json.ts';
import { PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { type PageRecord, readPartRecord } from './embed-part-record.ts';
import { RESUBMIT_HINT, type StorePaths } from './store-paths.ts';

/** A page with its row in the store. */
export interface StoredPage extends PageRecord {
  readonly row: number;
}

/** Yields all pages in the order of the store. @throws PanelvecError if a record is missing */
export async function* readPageRecords(paths: StorePaths): AsyncGenerator<StoredPage> {
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
export async function* readRecordsOfJob(paths: StorePaths, jobId: string): AsyncGenerator<StoredPage> {
  const { pages } = await readPartTable(paths.work);
  for (let part = 0; part * PAGES_PER_CHUNK < pages; part++) {
    const record = await readPartRecord(paths, part);
    if (record === undefined || (record.jobId !== jobId && record.pages.some(({ problem }) => problem))) continue;
    for (const [i, page] of record.pages.entries()) yield { ...page, row: part * PAGES_PER_CHUNK + i };
  }
}

/** Yields the metadata as Stage 3's json.dump writes it: a list in ASCII, indented by two blanks; its own keys come first. */
export async function* metadataChunks(pages: AsyncIterable<StoredPage>): AsyncGenerator<string> {
  let start = '[\n';
  for await (const { row, id, manifestId, panelsId, panels, summary } of pages) {
    const entry = {
      sequence_index: row,
      canonical_id: id,
      num_panels: panels,
      overall_summary: summary,
      manifest_id: manifestId,
      panels_id: panelsId,
    };
    const text = JSON.stringify(entry, undefined, 2).replaceAll('\n', '\n  ');
    yield `${start}  ${escapeNonAscii(text)}`;
    start = ',\n';
  }
  yield '\n]';
}

/** Yields a line for each vector: which panel of which file it is, and where on the page. */
export async function* panelLines(pages: AsyncIterable<StoredPage>): AsyncGenerator<string> {
  for await (const { row, id, placedPanels } of pages) {
    for (const [panel, { index, number, box, crop }] of placedPanels.entries()) {
      const { left, top, right, bottom } = crop;
      const place = { panel_index: index, panel_number: number, box, crop: [left, top, right, bottom] };
      yield `${JSON.stringify({ sequence_index: row, panel, canonical_id: id, ...place })}\n`;
    }
  }
}

/** Yields a line for each page that could not be read. */
export async function* errorLines(pages: AsyncIterable<StoredPage>): AsyncGenerator<string> {
  for await (const { row, id, problem } of pages) {
    if (problem) yield `${JSON.stringify({ sequence_index: row, canonical_id: id, ...problem })}\n`;
  }
}

/** Yields lines for pages that the index skipped, then for skipped panels and notes of other pages. */
export async function* skippedLines(skippedPages: string, pages: AsyncIterable<StoredPage>): AsyncGenerator<string> {
  yield* createReadStream(skippedPages, 'utf8');
  for await (const { id, skipped, notes } of pages) {
    for (const { panel, reason } of skipped) yield `${JSON.stringify({ id, panel, reason })}\n`;
    for (const { panel, ...note } of notes) yield `${JSON.stringify({ id, panel, ...note })}\n`;
  }
}
