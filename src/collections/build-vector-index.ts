import { ADVISORY_LOCKS } from '../database/advisory-locks.ts';
import { type Database, sqlStateOf } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';
import type { Collection } from './collection.ts';
import { tablesOf, vectorIndexOf } from './collection-tables.ts';
import { isIndexedFirst, vectorIndexMemory } from './vector-index.ts';

/** SQLSTATE of a server without memory or disk: its shared memory is too small for parallel workers, as Docker's often is. */
const OUT_OF_RESOURCES = /^53[12]00$/;

/** Makes the HNSW index of a collection whose rows are complete, unless it is there. */
export async function buildVectorIndex(database: Database, collection: Collection, signal: AbortSignal): Promise<void> {
  if (isIndexedFirst(database)) return;
  const statement = vectorIndexOf(database, collection);
  await database.runLong(async (queries) => {
    // The server may still be making it for a worker that has just died.
    await queries.query('SELECT pg_advisory_lock($1, $2)', [ADVISORY_LOCKS.vectorIndex, collection.id]);
    await queries.query(`SET maintenance_work_mem = ${await chooseMemory(queries, collection)}`);
    try {
      await queries.query(statement);
    } catch (error) {
      if (!OUT_OF_RESOURCES.test(sqlStateOf(error) ?? '')) throw error;
      await queries.query('SET max_parallel_maintenance_workers = 0');
      await queries.query(statement);
    }
  }, signal);
}

/**
 * Kilobytes of memory to make the index in; it is many times slower where it does not fit. An administrator who gives the server more
 * has a reason.
 */
async function chooseMemory(queries: Queryable, collection: Collection): Promise<number> {
  const { rows } = await queries.query<{ panels: number; configured: number }>(
    `SELECT coalesce(sum(panels), 0)::integer AS panels,
      (SELECT setting::integer FROM pg_settings WHERE name = 'maintenance_work_mem') AS configured
    FROM ${tablesOf(collection).pages}`,
  );
  const { panels = 0, configured = 0 } = rows[0] ?? {};
  return Math.max(configured, vectorIndexMemory(collection, panels));
}
