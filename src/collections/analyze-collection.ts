import type { Database } from '../database/database.ts';
import type { Collection } from './collection.ts';
import { tablesOf } from './collection-tables.ts';

/** PostgreSQL looks at 300 times as many rows. */
const STATISTICS_TARGET = 10;

/** Lets PostgreSQL count values for its plans: the embedded database never does so by itself. Vectors are left out. */
export async function analyzeCollection(database: Database, collection: Collection): Promise<void> {
  const { pages, panels } = tablesOf(collection);
  await database.transaction(async (queries) => {
    await queries.query(`SET LOCAL default_statistics_target = ${STATISTICS_TARGET}`);
    await queries.query(`ANALYZE ${pages}`);
    await queries.query(`ANALYZE ${panels} (part, page, book, page_type, text)`);
  });
}
