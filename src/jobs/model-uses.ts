import { readdir } from 'node:fs/promises';
import type { CollectionDatabase } from '../collections/collection-database.ts';
import { listCollections, listUnfinishedCollections } from '../collections/collection-records.ts';
import type { ServiceDatabase } from '../database/service-database.ts';
import { readStoreAttributes } from './embed/store-attributes.ts';
import { getStorePaths, storesFolder } from './embed/store-paths.ts';

interface UseServices {
  readonly home: string;
  readonly collections: CollectionDatabase;
}

/** Jobs that have not ended, and name the model. A job names models by their ids. */
export async function listJobsUsing(id: string, database: ServiceDatabase): Promise<string[]> {
  const { rows } = await database.use((queries) =>
    queries.query<{ id: string; type: string; spec: object }>(
      "SELECT id, type, spec FROM panelvec.jobs WHERE state IN ('queued', 'running', 'cancelling') ORDER BY created_at",
    ),
  );
  const quotedId = JSON.stringify(id);
  return rows
    .filter(({ spec }) => JSON.stringify(spec).includes(quotedId))
    .map((job) => `the ${job.type} job ${job.id} needs it`);
}

/** Stores and collections with vectors in some spaces, as sentences. */
export async function listVectorsIn(spaces: ReadonlySet<string>, services: UseServices): Promise<string[]> {
  const stores = await listStores(services.home, spaces);
  const collections = (await listAllCollections(services.collections)).filter(({ space }) => spaces.has(space));
  return [
    ...stores.map((name) => `the store "${name}" is in its space`),
    ...collections.map(({ name }) => `the collection "${name}" is in its space`),
  ];
}

async function listStores(home: string, spaces: ReadonlySet<string>): Promise<string[]> {
  const names = (await readdir(storesFolder(home)).catch(() => [])).sort();
  const found: string[] = [];
  for (const name of names) {
    const attributes = await readStoreAttributes(getStorePaths(home, name).store);
    if (spaces.has(String(attributes?.['space']))) found.push(name);
  }
  return found;
}

/** @throws PanelvecError database_unavailable, because they cannot be known then */
function listAllCollections(collections: CollectionDatabase): ReturnType<typeof listCollections> {
  return collections.useIfAvailable(
    async (database) => [...(await listCollections(database)), ...(await listUnfinishedCollections(database))],
    [],
  );
}
