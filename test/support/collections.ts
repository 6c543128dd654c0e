import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Collection, CollectionPage, FacetValue, NewCollection } from '../../src/collections/collection.ts';
import { CollectionDatabase } from '../../src/collections/collection-database.ts';
import { beginCollection, getCollection, publishCollection } from '../../src/collections/collection-records.ts';
import { vectorIndexOf } from '../../src/collections/collection-tables.ts';
import { writePart } from '../../src/collections/part-writer.ts';
import { localSockets, startPostgres } from './databases.ts';
import { silentLogger } from './in-process-service.ts';
import { PGVECTOR_MISSING } from './pgvector.ts';

/** Collections in a database of one test. */
export interface TestCollections {
  readonly collections: CollectionDatabase;
  stop(): Promise<void>;
}

/** The kinds of database that collections are kept in. The same tests run on each. */
export const COLLECTION_DATABASES: readonly {
  readonly name: string;
  /** Why its tests are skipped */
  readonly skip: string | false;
  start(): Promise<TestCollections>;
}[] = [
  { name: 'the embedded database', skip: false, start: startEmbedded },
  { name: 'a PostgreSQL server', skip: PGVECTOR_MISSING, start: startServer },
];

async function startEmbedded(): Promise<TestCollections> {
  const home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  const collections = await openCollections(undefined, home);
  return {
    collections,
    async stop() {
      await collections.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startServer(): Promise<TestCollections> {
  const server = await startPostgres({ hasPgvector: true });
  const collections = await openCollections(server.url, server.home);
  return {
    collections,
    async stop() {
      await collections.stop();
      await server.stop();
    },
  };
}

async function openCollections(databaseUrl: string | undefined, home: string): Promise<CollectionDatabase> {
  const settings = { search: 'on', jobs: 'on', databaseUrl, home, localSockets } as const;
  const collections = new CollectionDatabase(settings, silentLogger);
  await collections.start();
  return collections;
}

/** Makes a collection of pages, with the index that an index job makes. */
export function fillCollection(
  collections: CollectionDatabase,
  fields: Omit<NewCollection, 'jobId' | 'source'>,
  pages: readonly CollectionPage[],
): Promise<Collection> {
  return collections.use(async (database) => {
    const collection = await beginCollection(database, { ...fields, jobId: randomUUID(), source: {} });
    await writePart(database, collection, 0, pages, new AbortController().signal);
    await database.query(vectorIndexOf(database, collection));
    const panels = pages.reduce((sum, page) => sum + page.panels.length, 0);
    const books = countPanels(pages, ({ book }) => book);
    const facets = { books, booksTotal: books.length, pageTypes: countPanels(pages, ({ pageType }) => pageType) };
    await publishCollection(database, collection, { pages: pages.length, panels, facets });
    return getCollection(database, fields.name);
  });
}

function countPanels(pages: readonly CollectionPage[], toValue: (page: CollectionPage) => string): FacetValue[] {
  const counts = new Map<string, number>();
  for (const page of pages) counts.set(toValue(page), (counts.get(toValue(page)) ?? 0) + page.panels.length);
  return [...counts].map(([value, panels]) => ({ value, panels }));
}
