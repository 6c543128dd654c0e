import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { canonicalJson, type JsonObject } from '../../util/json.ts';
import { createZarrStore, unpublishZarrStore } from '../../zarr/create-zarr-store.ts';
import { chunkCount, PAGES_PER_CHUNK, pagesInChunk } from '../../zarr/store-shape.ts';
import { hasChunk } from '../../zarr/zarr-chunk.ts';
import { ATTRIBUTES } from '../../zarr/zarr-metadata.ts';
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
    const store = await createZarrStore(paths.store, shape, attributes, paths.work.scratch);
    const parts = Array.from({ length: chunkCount(shape) }, (_, chunk) => pagesInChunk(shape, chunk));
    const isComplete = existsSync(paths.metadata) && parts.every((_, chunk) => hasChunk(store, chunk));
    // If chunks are missing from a finished store, it counts as unfinished.
    if (!isComplete) {
      await rm(paths.metadata, { force: true });
      await unpublishZarrStore(store);
    }
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
function buildStoreAttributes({ dataset, empty_pages }: EmbedSpec, model: Model, index: PageIndex): JsonObject {
  const { format, root: _, texts, ...panelOptions } = dataset.panels;
  return {
    model: model.id,
    space: model.space,
    dimensions: model.spec.dimensions,
    panels_format: format,
    panel_options: { ...panelOptions, texts: texts?.format ?? null },
    image_options: dataset.images,
    max_panels_per_page: dataset.max_panels_per_page,
    only_narrative: dataset.only_narrative,
    empty_pages,
    // The paths of images and panel files are in the index; those of further files count as well.
    pages_sha256: texts === null ? index.sha256 : hash('sha256', `${index.sha256} ${texts.root}`),
  };
}

async function assertSameStore({ store }: StorePaths, expected: JsonObject, output: string): Promise<void> {
  const text = await readFile(path.join(store, ATTRIBUTES), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const existing: JsonObject = JSON.parse(text);
  const key = Object.keys(expected).find((name) => canonicalJson(existing[name]) !== canonicalJson(expected[name]));
  if (key === undefined) return;
  const found = existing[key] === undefined ? 'an earlier version did not write it' : canonicalJson(existing[key]);
  const message = `the store "${output}" is there already with another ${key} (${found}; expected ${canonicalJson(expected[key])}): choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
