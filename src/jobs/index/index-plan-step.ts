import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { beginCollection } from '../../collections/collection-records.ts';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { chunkSizes, PAGES_PER_CHUNK } from '../../zarr/store-shape.ts';
import { getStorePaths } from '../embed/store-paths.ts';
import type { JobPlan, TaskContext } from '../job-kind.ts';
import { assertNotEmpty } from '../pages/assert-not-empty.ts';
import { hashDatasetFiles, hashVectorFiles } from '../pages/hash-files.ts';
import { writePageIndex } from '../pages/page-index-file.ts';
import { getIndexPaths } from './index-paths.ts';
import { findEqualCollection, type IndexSource, toSourceRecord } from './index-source.ts';
import type { DatasetSource, IndexSpec, StoreSource } from './index-spec.ts';
import { findStoreOffsets, openIndexedStore } from './indexed-store.ts';

/** What is known of a source after its pages are listed. */
interface ListedSource extends IndexSource {
  readonly pages: number;
}

/**
 * Lists the pages and begins the collection, beside the one that has its name; each part is 100 pages. If that one was made from
 * an equal source, nothing is left to do.
 * @throws PanelvecError naming the field; dataset_invalid if no page is left
 */
export async function planIndex(spec: IndexSpec, context: TaskContext): Promise<JobPlan> {
  const { resources, jobId } = context;
  const { work } = getIndexPaths(resources.home, jobId);
  await mkdir(work.scratch, { recursive: true });
  await mkdir(path.dirname(work.partRecord(0)), { recursive: true });
  try {
    const source = spec.store === undefined ? await listDataset(spec, context) : await listStore(spec, context);
    const { pages, model, space, dimensions } = source;
    const maxBadPages = Math.floor(spec.max_bad_pages * pages);
    if ((await findEqualCollection(spec, source, context)) !== undefined) return { partSizes: [], maxBadPages };
    const record = { name: spec.output, jobId, model, space, dimensions, source: toSourceRecord(spec, source) };
    await resources.collections.use((database) => beginCollection(database, record), context.signal);
    return { partSizes: chunkSizes(source), maxBadPages };
  } catch (error) {
    // Not after an interruption: another worker may be using the folder.
    if (error instanceof PanelvecError) await rm(work.folder, { recursive: true, force: true });
    throw error;
  }
}

async function listDataset({ dataset, model: modelId }: DatasetSource, context: TaskContext): Promise<ListedSource> {
  const { resources, jobId } = context;
  const { model } = await resources.loadModel(modelId);
  const index = await writePageIndex(getIndexPaths(resources.home, jobId).work, dataset, PAGES_PER_CHUNK, context);
  try {
    await assertNotEmpty(index, 'page', 'dataset', context);
  } catch (error) {
    await index.discard();
    throw error;
  }
  await index.commit();
  const filesSha256 = await hashDatasetFiles(dataset, getIndexPaths(resources.home, jobId).work, context);
  const { id, space, spec } = model;
  const { pages, sha256: pagesSha256 } = index;
  return { pages, pagesSha256, filesSha256, model: id, space, dimensions: spec.dimensions };
}

async function listStore({ store: name }: StoreSource, context: TaskContext): Promise<ListedSource> {
  const { home } = context.resources;
  const store = await openIndexedStore(home, name);
  const offsets = await findStoreOffsets(getStorePaths(home, name), store, context.signal);
  const { storeOffsets, work } = getIndexPaths(home, context.jobId);
  await writeFileAtomic(storeOffsets, JSON.stringify(offsets), work.scratch);
  const { model, space, shape } = store;
  const pagesSha256 = `${offsets.pages.sha256}:${offsets.panels.sha256}`;
  const filesSha256 = await hashVectorFiles(store);
  return { pages: shape.pages, pagesSha256, filesSha256, model, space, dimensions: shape.dimensions };
}
