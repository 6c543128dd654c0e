import { isDeepStrictEqual } from 'node:util';
import type { Collection } from '../../collections/collection.ts';
import { findReadyCollection } from '../../collections/collection-records.ts';
import { PanelvecError } from '../../errors.ts';
import type { JsonObject } from '../../util/json.ts';
import type { TaskContext } from '../job-kind.ts';
import type { IndexSpec } from './index-spec.ts';

/** What a collection is made from. Two jobs with equal sources in the same space make equal collections. */
export interface IndexSource extends Pick<Collection, 'model' | 'space' | 'dimensions'> {
  /** Of the list of pages */
  readonly pagesSha256: string;
  /** Of the states of the files that pages and panels are read from: an equal list says nothing of what is in these */
  readonly filesSha256: string;
}

/** The source as the collection keeps it. */
export function toSourceRecord({ dataset, store }: IndexSpec, { pagesSha256, filesSha256 }: IndexSource): JsonObject {
  const origin = store === undefined ? { dataset } : { store };
  return JSON.parse(JSON.stringify({ ...origin, pages_sha256: pagesSha256, files_sha256: filesSha256 }));
}

/** The collection that can be searched already, if it was made from an equal source. */
export async function findEqualCollection(
  spec: IndexSpec,
  source: IndexSource,
  { resources: { collections }, signal }: TaskContext,
): Promise<Collection | undefined> {
  const ready = await collections.use((database) => findReadyCollection(database, spec.output), signal);
  if (ready === undefined || ready.space !== source.space || ready.model !== source.model) return undefined;
  return isDeepStrictEqual(ready.source, toSourceRecord(spec, source)) ? ready : undefined;
}

/**
 * Makes sure that the vectors of a part go to those of the parts before: the model or the code may have been replaced since.
 * @throws PanelvecError output_conflict
 */
export function assertSameSpace(collection: Collection, source: Pick<IndexSource, 'model' | 'space'>): void {
  if (collection.space === source.space) return;
  const difference = `in the space ${collection.space}, and ${source.model} now embeds into ${source.space}`;
  throw new PanelvecError('output_conflict', `the collection was begun ${difference}: submit the job again`, {
    param: 'output',
  });
}
