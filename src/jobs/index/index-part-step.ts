import { readFile } from 'node:fs/promises';
import type { Collection, CollectionPage } from '../../collections/collection.ts';
import { findCollectionOfJob } from '../../collections/collection-records.ts';
import { isPartComplete, writePart } from '../../collections/part-writer.ts';
import { bookOfPage } from '../../datasets/identifiers.ts';
import { PanelvecError } from '../../errors.ts';
import { elementAt } from '../../util/arrays.ts';
import { toUnitLength } from '../../util/vectors.ts';
import { PAGES_PER_CHUNK, pagesInChunk } from '../../zarr/store-shape.ts';
import { getStorePaths } from '../embed/store-paths.ts';
import type { PartResult, TaskContext } from '../job-kind.ts';
import type { EmbeddedPage } from '../pages/embed-page.ts';
import { embedPages } from '../pages/embed-pages.ts';
import { readPartPages } from '../pages/page-index-file.ts';
import { readPartRecord, toRecord, writePartRecord } from '../pages/part-record.ts';
import { getIndexPaths } from './index-paths.ts';
import { assertSameSpace } from './index-source.ts';
import type { DatasetSource, IndexSpec, StoreSource } from './index-spec.ts';
import { openIndexedStore, readStorePages, type StoreOffsets } from './indexed-store.ts';

/** Puts 100 pages into the collection. What is in it already stays. */
export async function indexPart(spec: IndexSpec, part: number, context: TaskContext): Promise<PartResult> {
  const { resources, jobId, signal } = context;
  const collection = await resources.collections.use((database) => findCollectionOfJob(database, jobId), signal);
  if (collection === undefined) throw new PanelvecError('internal', 'the collection of the job was removed');
  const target: PartTarget = {
    collection,
    part,
    isComplete: await resources.collections.use((database) => isPartComplete(database, collection, part), signal),
    write: (pages) => resources.collections.use((database) => writePart(database, collection, part, pages, signal)),
  };
  return spec.store === undefined ? indexDatasetPart(spec, target, context) : indexStorePart(spec, target, context);
}

/** Where the pages of a part go. */
interface PartTarget {
  readonly collection: Collection;
  readonly part: number;
  readonly isComplete: boolean;
  write(pages: readonly CollectionPage[]): Promise<void>;
}

async function indexStorePart(
  { store: name }: StoreSource,
  { collection, part, isComplete, write }: PartTarget,
  { resources: { home }, jobId }: TaskContext,
): Promise<PartResult> {
  const store = await openIndexedStore(home, name);
  assertSameSpace(collection, store);
  if (!isComplete) {
    const offsets: StoreOffsets = JSON.parse(await readFile(getIndexPaths(home, jobId).storeOffsets, 'utf8'));
    await write(await readStorePages(getStorePaths(home, name), store, offsets, part));
  }
  return { done: pagesInChunk(store.shape, part), badPages: 0 };
}

async function indexDatasetPart(
  { dataset, model: modelId }: DatasetSource,
  { collection, part, isComplete, write }: PartTarget,
  context: TaskContext,
): Promise<PartResult> {
  const { resources, jobId } = context;
  const paths = getIndexPaths(resources.home, jobId);
  let record = isComplete ? await readPartRecord(paths, part) : undefined;
  if (record === undefined) {
    const { entries } = await readPartPages(paths.work, part);
    const { model } = await resources.loadModel(modelId);
    assertSameSpace(collection, { model: model.id, space: model.space });
    const pages = await embedPages(entries, dataset, modelId, context);
    record = await writePartRecord(paths, part, jobId, pages);
    await write(pages.map((page, i) => toCollectionPage(page, part * PAGES_PER_CHUNK + i)));
  }
  return { done: record.pages.length, badPages: record.pages.filter(({ problem }) => problem).length };
}

/** @param page its place in the order of the dataset */
function toCollectionPage(embedded: EmbeddedPage, page: number): CollectionPage {
  const { id: canonicalId, image, pageType, summary } = toRecord(embedded);
  return {
    page,
    canonicalId,
    book: bookOfPage(canonicalId),
    pageType,
    summary,
    image: { path: image.imagePath, ...(image.imageMember !== undefined && { member: image.imageMember }) },
    panels: embedded.panels.map(({ index, number, crop, text, gate }, panel) => ({
      panel,
      index,
      number,
      box: [crop.left, crop.top, crop.right - crop.left, crop.bottom - crop.top],
      text,
      gate,
      embedding: toUnitLength(elementAt(embedded.vectors, panel)),
    })),
  };
}
