import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';
import type { Collection } from './collection.ts';
import { createVectorIndex, isIndexedFirst } from './vector-index.ts';

/** The tables of one collection, with their schema. */
export interface CollectionTables {
  readonly pages: string;
  readonly panels: string;
}

export function tablesOf({ id }: Pick<Collection, 'id'>): CollectionTables {
  return { pages: `panelvec.pages_${id}`, panels: `panelvec.panels_${id}` };
}

/** Creates the empty tables of a collection. */
export async function createTables(
  queries: Queryable,
  database: Pick<Database, 'isEmbedded'>,
  collection: Pick<Collection, 'id' | 'dimensions'>,
): Promise<void> {
  const { pages, panels } = tablesOf(collection);
  await queries.query(`
    CREATE TABLE ${pages} (
      page integer PRIMARY KEY,
      part integer NOT NULL,
      canonical_id text NOT NULL,
      book text NOT NULL,
      page_type text NOT NULL,
      summary text NOT NULL,
      image jsonb,
      panels integer NOT NULL
    )`);
  await queries.query(`CREATE INDEX ON ${pages} (part)`);
  // PLAIN keeps vectors in their rows: a search that compares them all would otherwise fetch each from another table.
  await queries.query(`
    CREATE TABLE ${panels} (
      id text PRIMARY KEY,
      part integer NOT NULL,
      page integer NOT NULL,
      panel smallint NOT NULL,
      panel_index integer NOT NULL,
      number double precision,
      box real[] NOT NULL,
      text text,
      book text NOT NULL,
      page_type text NOT NULL,
      gate real[],
      embedding halfvec(${collection.dimensions}) STORAGE PLAIN NOT NULL
    )`);
  for (const column of ['part', 'page', 'book', 'page_type'])
    await queries.query(`CREATE INDEX ON ${panels} (${column})`);
  if (isIndexedFirst(database)) await queries.query(vectorIndexOf(database, collection));
}

/** The statement that makes the index of a collection's vectors. */
export function vectorIndexOf(
  database: Pick<Database, 'isEmbedded'>,
  collection: Pick<Collection, 'id' | 'dimensions'>,
): string {
  return createVectorIndex(database, collection, tablesOf(collection).panels, `panels_${collection.id}_embedding`);
}

export async function dropTables(queries: Queryable, collection: Pick<Collection, 'id'>): Promise<void> {
  const { pages, panels } = tablesOf(collection);
  await queries.query(`DROP TABLE IF EXISTS ${panels}, ${pages}`);
}
