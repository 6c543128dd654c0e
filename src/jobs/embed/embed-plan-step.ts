import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { createZarrStore } from '../../zarr/create-zarr-store.ts';
import { chunkCount, PAGES_PER_CHUNK, pagesInChunk } from '../../zarr/store-shape.ts';
import { hasChunk } from '../../zarr/zarr-chunk.ts';
import type { JobPlan, TaskContext } from '../job-kind.ts';
import { assertNotEmpty, type PageIndex, writePageIndex } from '../pages/page-index-file.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { getStorePaths, type StorePaths } from './store-paths.ts';

/**
 * Indexes the dataset and creates the empty store; each part is one chunk. If there is a complete or partial store of the
 * same pages in the same space, the job continues it.
 * @throws PanelvecError dataset_invalid if no page is left; output_conflict if another store has the name
 */
export async function planEmbed(spec: EmbedSpec, context: TaskContext): Promise<JobPlan> {
  const { home } = context.resources;
  const { model } = await context.resources.loadModel(spec.model);
  const paths = getStorePaths(home, spec.output);
  const folderExisted = existsSync(paths.work.folder);
  await mkdir(paths.work.scratch, { recursive: true });
  await mkdir(path.dirname(paths.work.partRecord(0)), { recursive: true });
  let index: PageIndex | undefined;
  try {
    index = await writePageIndex(paths.work, spec.dataset, PAGES_PER_CHUNK, context);
    assertNotEmpty(index, 'page', 'dataset');
    const shape = { pages: index.pages, panels: spec.dataset.max_panels_per_page, dimensions: model.spec.dimensions };
    const attributes = buildStoreAttributes(spec, model, index);
    await assertSameStore(paths, attributes, spec.output);
    await index.commit();
    await createZarrStore(paths.store, shape, attributes, paths.work.scratch);
    const parts = Array.from({ length: chunkCount(shape) }, (_, chunk) => pagesInChunk(shape, chunk));
    const isComplete =
      existsSync(paths.metadata) && parts.every((_, chunk) => hasChunk({ folder: paths.store, shape }, chunk));
    // If chunks are missing from a finished store, it counts as unfinished.
    if (!isComplete) await rm(paths.metadata, { force: true });
    return { partSizes: isComplete ? [] : parts, maxBadPages: Math.floor(spec.max_bad_pages * index.pages) };
  } catch (error) {
    await index?.discard();
    // A folder that existed before is kept, also if the step was only interrupted: another worker may be using it.
    if (!folderExisted && isRejection(error)) await rm(paths.work.folder, { recursive: true, force: true });
    throw error;
  }
}

function isRejection(error: unknown): boolean {
  return error instanceof PanelvecError && (error.code === 'dataset_invalid' || error.code === 'output_conflict');
}

/** The attributes of a store: what it was made from. Nothing that differs from run to run, such as time or machine. */
function buildStoreAttributes({ dataset }: EmbedSpec, model: Model, index: PageIndex): Record<string, unknown> {
  return {
    model: model.id,
    space: model.space,
    dimensions: model.spec.dimensions,
    panels_format: dataset.panels.format,
    max_panels_per_page: dataset.max_panels_per_page,
    only_narrative: dataset.only_narrative,
    pages_sha256: index.sha256,
  };
}

async function assertSameStore(
  { store }: StorePaths,
  expected: Readonly<Record<string, unknown>>,
  output: string,
): Promise<void> {
  const text = await readFile(path.join(store, '.zattrs'), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const existing: Record<string, unknown> = JSON.parse(text);
  const difference = Object.entries(expected).find(([key, value]) => existing[key] !== value);
  if (difference === undefined) return;
  const [key, value] = difference;
  const message = `the store "${output}" is there already with another ${key} (${existing[key]}, not ${value}): choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
