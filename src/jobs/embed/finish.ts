import { createReadStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { asciiJson } from '../../formats/ascii-json.ts';
import { writeWhole } from '../../formats/whole-file.ts';
import { writeStream } from '../../formats/whole-stream.ts';
import { hasChunk } from '../../zarr/chunk.ts';
import { chunkCount } from '../../zarr/store-shape.ts';
import { artifactOf } from '../artifact-of.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { type PageRecord, readPartRecord } from './part-record.ts';
import { ERRORS, METADATA, REPORT, SKIPPED, STORE, type StoreFolder, storeFolder } from './store-folder.ts';

const TRY_AGAIN = 'submit the job again, and it is made';

/** Joins the records of all parts. The metadata comes last: a store that has it is whole. */
export async function finishEmbed(spec: EmbedSpec, { resources }: TaskContext): Promise<readonly Artifact[]> {
  const place = storeFolder(resources.home, spec.output);
  if (!existsSync(place.metadata)) {
    const { scratch } = place.work;
    await assertChunks(place, spec, (await resources.served(spec.model)).model.spec.dimensions);
    await writeStream(place.errors, errorLines(place), scratch);
    await writeStream(place.skipped, skippedLines(place), scratch);
    await writeWhole(place.report, Buffer.from(await report(place)), scratch);
    await writeStream(place.metadata, metadataText(place), scratch);
  }
  await rm(place.work.folder, { recursive: true, force: true });
  const names = [STORE, METADATA, ERRORS, SKIPPED, REPORT];
  return Promise.all(names.map((name) => artifactOf(resources.home, path.join(place.folder, name))));
}

/** Nothing is called whole that lacks something: what somebody has removed must not become a shorter store. */
async function assertChunks(place: StoreFolder, { dataset }: EmbedSpec, dimensions: number): Promise<void> {
  const { pages } = await readPartTable(place.work);
  const store = { folder: place.store, shape: { pages, panels: dataset.max_panels_per_page, dimensions } };
  for (let chunk = 0; chunk < chunkCount(store.shape); chunk++) {
    if (!hasChunk(store, chunk))
      throw new PanelvecError('internal', `chunk ${chunk} of the store is gone: ${TRY_AGAIN}`);
  }
}

/** All pages in the store's order. @throws PanelvecError where some are missing */
async function* pagesOf(place: StoreFolder): AsyncGenerator<PageRecord> {
  const { pages } = await readPartTable(place.work);
  let read = 0;
  for (let part = 0; read < pages; part++) {
    const record = await readPartRecord(place, part);
    if (record === undefined) throw new PanelvecError('internal', `the record of part ${part} is gone: ${TRY_AGAIN}`);
    yield* record.pages;
    read += record.pages.length;
  }
}

/** A line for each page that could not be read. */
async function* errorLines(place: StoreFolder): AsyncGenerator<string> {
  let index = 0;
  for await (const { id, problem } of pagesOf(place)) {
    if (problem) yield `${JSON.stringify({ sequence_index: index, canonical_id: id, ...problem })}\n`;
    index++;
  }
}

/** Pages that the index left out, then panels that were left out of the pages in the store, or that lack something. */
async function* skippedLines(place: StoreFolder): AsyncGenerator<string> {
  yield* createReadStream(place.work.skippedPages, 'utf8');
  for await (const { id, skipped, notes } of pagesOf(place)) {
    for (const { at, reason } of skipped) yield `${JSON.stringify({ id, panel: at, reason })}\n`;
    for (const { at, note } of notes) yield `${JSON.stringify({ id, panel: at, note })}\n`;
  }
}

/** As the original writes it with json.dump: a list, two blanks of indent, nothing but ASCII. */
async function* metadataText(place: StoreFolder): AsyncGenerator<string> {
  let index = 0;
  for await (const { id, panels, summary } of pagesOf(place)) {
    const entry = { sequence_index: index, canonical_id: id, num_panels: panels, overall_summary: summary };
    const text = JSON.stringify(entry, undefined, 2).replaceAll('\n', '\n  ');
    yield `${index === 0 ? '[\n' : ',\n'}  ${asciiJson(text)}`;
    index++;
  }
  yield '\n]';
}

async function report(place: StoreFolder): Promise<string> {
  const index = JSON.parse(await readFile(place.work.indexReport, 'utf8'));
  const totals = { pages: 0, panels: 0, pages_without_panels: 0, bad_pages: 0 };
  const badPages: Record<string, number> = {};
  const skippedPanels: Record<string, number> = {};
  for await (const { panels, problem, skipped } of pagesOf(place)) {
    totals.pages++;
    totals.panels += panels;
    if (problem) {
      totals.bad_pages++;
      badPages[problem.reason] = (badPages[problem.reason] ?? 0) + 1;
    } else if (panels === 0) totals.pages_without_panels++;
    for (const { reason } of skipped) skippedPanels[reason] = (skippedPanels[reason] ?? 0) + 1;
  }
  return `${JSON.stringify({ index, store: { ...totals, bad_pages_by_reason: badPages, skipped_panels: skippedPanels } }, undefined, 2)}\n`;
}
