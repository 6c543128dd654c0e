import { ADVISORY_LOCKS } from '../database/advisory-locks.ts';
import { type Database, sqlStateOf } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';
import { PanelvecError } from '../errors.ts';
import type { JsonObject } from '../util/json.ts';
import type { Collection, CollectionFacets, CollectionState, NewCollection } from './collection.ts';
import { createTables, dropTables } from './collection-tables.ts';
import { maxIndexedDimensions } from './vector-index.ts';
import { withoutNul } from './without-nul.ts';

/** SQLSTATE of a table that is not there: it was dropped since the collection was looked up. */
const UNDEFINED_TABLE = '42P01';
/** A collection that is replaced more often while one operation runs is not worth waiting for. */
const MAX_ATTEMPTS = 5;

interface CollectionRow {
  id: string;
  name: string;
  job_id: string;
  model: string;
  space: string;
  dimensions: number;
  source: JsonObject;
  state: CollectionState;
  pages: number;
  panels: number;
  facets: CollectionFacets | null;
  created_at: Date;
  ready_at: Date | null;
}

/** The collections that can be searched, by name. */
export async function listCollections(database: Database): Promise<Collection[]> {
  const { rows } = await database.query<CollectionRow>(
    "SELECT * FROM panelvec.collections WHERE state = 'ready' ORDER BY name",
  );
  return rows.map(toCollection);
}

/** The collection of a name that can be searched. @throws PanelvecError not_found */
export async function getCollection(database: Queryable, name: string): Promise<Collection> {
  const collection = await findReadyCollection(database, name);
  if (collection !== undefined) return collection;
  throw new PanelvecError('not_found', `there is no collection "${name}"`, { param: 'collection' });
}

/** The collection of a name that can be searched, if there is one. */
export async function findReadyCollection(database: Queryable, name: string): Promise<Collection | undefined> {
  const { rows } = await database.query<CollectionRow>(
    "SELECT * FROM panelvec.collections WHERE name = $1 AND state = 'ready'",
    [withoutNul(name)],
  );
  return rows[0] && toCollection(rows[0]);
}

/** The collections that jobs have begun and not finished. */
export async function listUnfinishedCollections(database: Queryable): Promise<Collection[]> {
  const { rows } = await database.query<CollectionRow>(
    "SELECT * FROM panelvec.collections WHERE state = 'indexing' ORDER BY id",
  );
  return rows.map(toCollection);
}

/**
 * Runs an operation over the tables of a collection. If another takes its place meanwhile, the operation runs again over that.
 * @throws PanelvecError not_found
 */
export async function withCollection<T>(
  database: Database,
  name: string,
  operation: (collection: Collection) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(await getCollection(database, name));
    } catch (error) {
      if (sqlStateOf(error) !== UNDEFINED_TABLE || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** The collection that a job fills or has filled, if it has begun. */
export async function findCollectionOfJob(database: Queryable, jobId: string): Promise<Collection | undefined> {
  const { rows } = await database.query<CollectionRow>('SELECT * FROM panelvec.collections WHERE job_id = $1', [jobId]);
  return rows[0] && toCollection(rows[0]);
}

/**
 * Begins the collection of a job, with empty tables. A job that begins again gets the one that it has begun.
 * @throws PanelvecError invalid_request if vectors are too wide for an index
 */
export async function beginCollection(database: Database, collection: NewCollection): Promise<Collection> {
  const { name, jobId, model, space, dimensions, source } = collection;
  const maxDimensions = maxIndexedDimensions(database);
  if (dimensions > maxDimensions) {
    const problem = `the vectors of ${model} have ${dimensions} numbers; a collection of this database has at most ${maxDimensions}`;
    throw new PanelvecError('invalid_request', problem, { param: 'model' });
  }
  return database.transaction(async (queries) => {
    const { rows } = await queries.query<CollectionRow>(
      `INSERT INTO panelvec.collections (name, job_id, model, space, dimensions, source)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id) DO NOTHING RETURNING *`,
      [name, jobId, model, space, dimensions, source],
    );
    const [row] = rows;
    if (row === undefined) {
      const existing = await findCollectionOfJob(queries, jobId);
      if (existing === undefined) throw new PanelvecError('internal', `the collection of job ${jobId} was deleted`);
      return existing;
    }
    const begun = toCollection(row);
    await createTables(queries, database, begun);
    return begun;
  });
}

/**
 * Lets a collection take the place of the one that has its name, which is deleted in the same transaction.
 * @throws PanelvecError output_conflict if the collection was removed meanwhile; then the earlier one stays
 */
export async function publishCollection(
  database: Database,
  collection: Collection,
  counts: Pick<Collection, 'pages' | 'panels' | 'facets'>,
): Promise<void> {
  await database.transaction(async (queries) => {
    // Of two jobs with one output, the later one must see what the earlier one has published.
    await queries.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
      ADVISORY_LOCKS.publication,
      collection.name,
    ]);
    const { rows } = await queries.query<CollectionRow>(
      "DELETE FROM panelvec.collections WHERE name = $1 AND state = 'ready' AND id <> $2 RETURNING *",
      [collection.name, collection.id],
    );
    for (const row of rows) await dropTables(queries, toCollection(row));
    const { rowCount } = await queries.query(
      `UPDATE panelvec.collections SET state = 'ready', ready_at = now(), pages = $2, panels = $3, facets = $4
        WHERE id = $1`,
      [collection.id, counts.pages, counts.panels, counts.facets],
    );
    if (rowCount === 0) {
      const problem = `the new collection "${collection.name}" was removed before it was ready: submit the job again`;
      throw new PanelvecError('output_conflict', problem, { param: 'output' });
    }
  });
}

/** Deletes a collection with its tables. @throws PanelvecError not_found */
export async function deleteCollection(database: Database, name: string): Promise<Collection> {
  return database.transaction(async (queries) => {
    const collection = await getCollection(queries, name);
    await removeCollection(queries, collection);
    return collection;
  });
}

/** Removes a collection in any state. */
export async function removeCollection(queries: Queryable, collection: Pick<Collection, 'id'>): Promise<void> {
  await queries.query('DELETE FROM panelvec.collections WHERE id = $1', [collection.id]);
  await dropTables(queries, collection);
}

function toCollection(row: CollectionRow): Collection {
  const { name, model, space, dimensions, source, state, pages, panels, facets } = row;
  return {
    id: Number(row.id),
    name,
    jobId: row.job_id,
    model,
    space,
    dimensions,
    source,
    state,
    pages,
    panels,
    facets,
    createdAt: row.created_at,
    readyAt: row.ready_at,
  };
}
