import path from 'node:path';
import { findReadyCollection } from '../../src/collections/collection-records.ts';
import { tablesOf } from '../../src/collections/collection-tables.ts';
import { Database } from '../../src/database/database.ts';
import type { TestDatabase } from './databases.ts';
import { silentLogger } from './in-process-service.ts';

/** Connects to the database of the collections of a service. */
export function openCollectionDatabase({ url, home, localSockets }: Omit<TestDatabase, 'stop'>): Database {
  return new Database({ url, home: path.join(home, 'collections'), localSockets }, silentLogger);
}

/** All that a collection has, in a fixed order, apart from what differs from job to job. */
export async function readCollection(database: Database, name: string) {
  const collection = await findReadyCollection(database, name);
  if (collection === undefined) throw new Error(`there is no collection ${name}`);
  const tables = tablesOf(collection);
  const { rows: pages } = await database.query(`SELECT * FROM ${tables.pages} ORDER BY page`);
  const { rows: panels } = await database.query(`SELECT * FROM ${tables.panels} ORDER BY page, panel, id`);
  const { model, space, facets, source } = collection;
  const record = { model, space, facets, source, pages: collection.pages, panels: collection.panels };
  return { collection, content: { record, pages, panels } };
}

/** The tables of all collections that are there. */
export async function listTables(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables
      WHERE schemaname = 'panelvec' AND tablename ~ '^(pages|panels)_[0-9]+$' ORDER BY tablename`,
  );
  return rows.map(({ name }) => name);
}
