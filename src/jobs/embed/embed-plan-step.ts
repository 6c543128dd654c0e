import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { createZarrStore, unpublishZarrStore } from '../../zarr/create-zarr-store.ts';
import { chunkSizes, PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import { hasChunk } from '../../zarr/zarr-chunk.ts';
import type { JobPlan, TaskContext } from '../job-kind.ts';
import { assertNotEmpty } from '../pages/assert-not-empty.ts';
import { type PageIndex, writePageIndex } from '../pages/page-index-file.ts';
import type { EmbedSpec } from './embed-spec.ts';
import { assertSameStore, buildStoreAttributes } from './store-attributes.ts';
import { getStorePaths } from './store-paths.ts';

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
    await assertNotEmpty(index, 'page', 'dataset', context);
    const shape = { pages: index.pages, panels: spec.dataset.max_panels_per_page, dimensions: model.spec.dimensions };
    const attributes = buildStoreAttributes(spec, model, index);
    await assertSameStore(paths.store, attributes, spec.output);
    await index.commit();
    const store = await createZarrStore(paths.store, shape, attributes, paths.work.scratch);
    const parts = chunkSizes(shape);
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
