import { existsSync } from 'node:fs';
import { analyzeCollection } from '../../collections/analyze-collection.ts';
import { buildVectorIndex } from '../../collections/build-vector-index.ts';
import type { Collection } from '../../collections/collection.ts';
import { findCollectionOfJob, getCollection, publishCollection } from '../../collections/collection-records.ts';
import { assertComplete, countCollection } from '../../collections/count-collection.ts';
import { makeCollectionMap } from '../../collections/map/make-collection-map.ts';
import type { Database } from '../../database/database.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { removeIfFree } from '../../files/files-in-use.ts';
import { chunkCount } from '../../zarr/store-shape.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { listReports } from '../job-reports.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { writePageReports } from '../pages/write-page-reports.ts';
import { getIndexPaths, type IndexPaths } from './index-paths.ts';
import type { IndexSpec } from './index-spec.ts';
import { openIndexedStore } from './indexed-store.ts';

/** So that the map of equal rows is the same in every run. */
const MAP_SEED = 1;

/** Completes the collection and lets it take the place of the one that has its name. */
export async function finishIndex(spec: IndexSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { resources, jobId } = context;
  const paths = getIndexPaths(resources.home, jobId);
  if (!existsSync(paths.report)) {
    const collection = await resources.collections.use(
      (database) => completeCollection(database, spec, context),
      context.signal,
    );
    await writeReports(spec, collection, paths);
  }
  await removeIfFree(paths.work.folder);
  return listReports(resources.home, jobId);
}

/** Returns the collection as it is searched from then on. May run again at any moment, as the step itself. */
async function completeCollection(database: Database, spec: IndexSpec, context: TaskContext): Promise<Collection> {
  const { jobId, signal } = context;
  const begun = await findCollectionOfJob(database, jobId);
  if (begun?.state === 'indexing') {
    const parts = await countParts(spec, context);
    await assertComplete(database, begun, parts);
    await buildVectorIndex(database, begun, signal);
    await analyzeCollection(database, begun);
    await makeCollectionMap(database, begun, MAP_SEED, signal);
    const counts = await countCollection(database, begun);
    signal.throwIfAborted();
    await publishCollection(database, begun, counts);
    context.log.info({ collection: spec.output }, 'the collection is ready');
  }
  // The plan has begun none where an equal one is there.
  return getCollection(database, spec.output);
}

async function countParts(spec: IndexSpec, { resources: { home }, jobId }: TaskContext): Promise<number> {
  if (spec.store !== undefined) return chunkCount((await openIndexedStore(home, spec.store)).shape);
  const { offsets } = await readPartTable(getIndexPaths(home, jobId).work);
  return offsets.length - 1;
}

/** Writes the report last: a job that has it is done. */
async function writeReports(spec: IndexSpec, collection: Collection, paths: IndexPaths): Promise<void> {
  const { name, model, space, pages, panels, jobId } = collection;
  const summary = { name, model, space, pages, panels, job_id: jobId };
  if (spec.store !== undefined || !existsSync(paths.work.partRecord(0))) {
    await writeFileAtomic(paths.report, toJson({ collection: summary }), paths.work.scratch);
    return;
  }
  const { index, totals } = await writePageReports(paths);
  await writeFileAtomic(paths.report, toJson({ index, store: totals, collection: summary }), paths.work.scratch);
}

function toJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
