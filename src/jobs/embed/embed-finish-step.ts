import { createReadStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { escapeNonAscii } from '../../util/json.ts';
import { publishZarrStore, type ZarrStore } from '../../zarr/create-zarr-store.ts';
import { chunkCount } from '../../zarr/store-shape.ts';
import { hasChunk } from '../../zarr/zarr-chunk.ts';
import { createArtifact } from '../create-artifact.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { PageReport } from '../pages/page-report.ts';
import { type PageRecord, readPartRecord } from './embed-part-record.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { ERRORS, getStorePaths, METADATA, REPORT, SKIPPED, STORE, type StorePaths } from './store-paths.ts';

const RESUBMIT_HINT = 'submit the job again to make it';

/** Joins the records of all parts. The metadata is written last: a store that has it is complete. */
export async function finishEmbed(spec: EmbedSpec, { resources }: TaskContext): Promise<readonly Artifact[]> {
  const paths = getStorePaths(resources.home, spec.output);
  if (!existsSync(paths.metadata)) {
    const { scratch } = paths.work;
    const { dimensions } = (await resources.loadModel(spec.model)).model.spec;
    const { pages } = await readPartTable(paths.work);
    const shape = { pages, panels: spec.dataset.max_panels_per_page, dimensions };
    const store = { folder: paths.store, shape, scratch };
    assertAllChunks(store);
    await publishZarrStore(store);
    await writeFileAtomic(paths.errors, errorLines(paths), scratch);
    await writeFileAtomic(paths.skipped, skippedLines(paths), scratch);
    await writeFileAtomic(paths.report, await buildReport(paths), scratch);
    await writeFileAtomic(paths.metadata, metadataChunks(paths), scratch);
  }
  await rm(paths.work.folder, { recursive: true, force: true });
  const names = [STORE, METADATA, ERRORS, SKIPPED, REPORT];
  return Promise.all(names.map((name) => createArtifact(resources.home, path.join(paths.folder, name))));
}

/** @throws PanelvecError if a chunk is missing: somebody may have removed it */
function assertAllChunks(store: ZarrStore): void {
  for (let chunk = 0; chunk < chunkCount(store.shape); chunk++) {
    if (!hasChunk(store, chunk))
      throw new PanelvecError('internal', `chunk ${chunk} of the store is gone: ${RESUBMIT_HINT}`);
  }
}

/** Yields all pages in the order of the store. @throws PanelvecError if a record is missing */
async function* readPageRecords(paths: StorePaths): AsyncGenerator<PageRecord> {
  const { pages } = await readPartTable(paths.work);
  let pagesRead = 0;
  for (let part = 0; pagesRead < pages; part++) {
    const record = await readPartRecord(paths, part);
    if (record === undefined)
      throw new PanelvecError('internal', `the record of part ${part} is gone: ${RESUBMIT_HINT}`);
    yield* record.pages;
    pagesRead += record.pages.length;
  }
}

/** Yields a line for each page that could not be read. */
async function* errorLines(paths: StorePaths): AsyncGenerator<string> {
  let index = 0;
  for await (const { id, problem } of readPageRecords(paths)) {
    if (problem) yield `${JSON.stringify({ sequence_index: index, canonical_id: id, ...problem })}\n`;
    index++;
  }
}

/** Yields lines for pages that the index skipped, then for skipped panels and notes of stored pages. */
async function* skippedLines(paths: StorePaths): AsyncGenerator<string> {
  yield* createReadStream(paths.work.skippedPages, 'utf8');
  for await (const { id, skipped, notes } of readPageRecords(paths)) {
    for (const { at: panelIndex, reason } of skipped) yield `${JSON.stringify({ id, panel: panelIndex, reason })}\n`;
    for (const { at: panelIndex, ...note } of notes) yield `${JSON.stringify({ id, panel: panelIndex, ...note })}\n`;
  }
}

/** Yields the metadata as Stage 3's json.dump writes it: a list in ASCII, indented by two blanks. */
async function* metadataChunks(paths: StorePaths): AsyncGenerator<string> {
  let index = 0;
  for await (const { id, panels, summary } of readPageRecords(paths)) {
    const entry = { sequence_index: index, canonical_id: id, num_panels: panels, overall_summary: summary };
    const text = JSON.stringify(entry, undefined, 2).replaceAll('\n', '\n  ');
    yield `${index === 0 ? '[\n' : ',\n'}  ${escapeNonAscii(text)}`;
    index++;
  }
  yield '\n]';
}

/** The report of the index, and counts over the pages in the store. */
async function buildReport(paths: StorePaths): Promise<string> {
  const index = JSON.parse(await readFile(paths.work.indexReport, 'utf8'));
  const report = new PageReport();
  for await (const record of readPageRecords(paths)) report.add(record);
  return `${JSON.stringify({ index, store: report.totals() }, undefined, 2)}\n`;
}
